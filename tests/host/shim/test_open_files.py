from __future__ import annotations

import errno
import resource
import sys

from homeport.model.running import Gone, NotStarted, Stage
from tests.support import printed_by

CODE = """
import resource, select, sys
from homeport.host import shim
from homeport.model.errors import HomeportError
from homeport.model.running import Gone, Program

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (90, hard))
shim.take_more_open_files()
shim.take_more_open_files()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
program = Program(("sh", "-c", "ulimit -Sn; ulimit -Hn"), (("PATH", "/usr/bin:/bin"),), "/")
with shim.spawn(program) as spawned:
    gone = False
    while not gone:
        select.select([spawned], [], [])
        gone = any(isinstance(each, Gone) for each in spawned.read_reports())
    sys.stdout.write(spawned.read_terminal().decode())
resource.setrlimit(resource.RLIMIT_NOFILE, (12, hard))
kept = []
while len(kept) < 12:
    try:
        kept.append(open("/dev/null"))
    except OSError:
        break
# Without any nothing is made, then a terminal and no channel; nothing of it stays open.
for _ in range(4):
    try:
        shim.spawn(program).close()
    except HomeportError as error:
        print(error)
    kept.pop()
# Then a process is made, which has none for itself; it says so, and is gone.
with shim.spawn(program) as spawned:
    gone = False
    while not gone:
        select.select([spawned], [], [])
        for each in spawned.read_reports():
            print(each)
            gone = gone or isinstance(each, Gone)
"""


def test_a_supervisor_takes_more_descriptors_and_programs_have_what_was_before() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    printed = printed_by(f"import sys; sys.path[:0] = {sys.path!r}\n{CODE}").splitlines()
    own, soft, program_hard, *errors, not_started, gone = printed
    assert int(own) == min(65536, hard if hard != resource.RLIM_INFINITY else 65536)
    assert soft == "90"
    assert program_hard == ("unlimited" if hard == resource.RLIM_INFINITY else str(hard))
    assert [each.split()[1] for each in errors] == ["terminal", "terminal", "channel", "channel"]
    assert all("Too many open files" in each and "ulimit -n" in each for each in errors)
    assert not_started == str(NotStarted(Stage.SHIM, errno.EMFILE))
    assert gone == str(Gone(0))
