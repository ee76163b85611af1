"""Node, which brings its own bundle and looks in no store."""

from __future__ import annotations

from homeport.host.programs import in_path
from homeport.run.trust.contract import Attempt, Client, Trial

_CODE = """\
const [host, port] = process.argv.slice(1);
const lookup = (name, options, done) =>
  options.all ? done(null, [{address: "127.0.0.1", family: 4}]) : done(null, "127.0.0.1", 4);
require("node:https").get({host, port, lookup, timeout: 10000}, (answer) => answer.resume())
  .on("error", (error) => { console.error(error.message); process.exit(1); });
"""


def _attempt(trial: Trial) -> Attempt | None:
    program = in_path("node")
    if program is None:
        return None
    return Attempt((program, "-e", _CODE, trial.host, str(trial.port)))


CLIENT = Client("node", "Node.js", _attempt, heeds=("NODE_EXTRA_CA_CERTS",), rank=30)
