import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.explanation import Mention
from homeport.wire.paste import MAX_TEXT, find_mentions
from homeport.wire.secrets import masked

CORPUS = Path(__file__).parent.parent / "fixtures" / "paste.txt"


def corpus() -> list[tuple[str, list[str]]]:
    text = CORPUS.read_text(encoding="utf-8").partition("\n")[2]
    blocks = []
    for block in text.split("\n%%\n"):
        lines = block.rstrip("\n").split("\n")
        pasted = [line for line in lines if not line.startswith("=> ")]
        expected = [line[3:] for line in lines if line.startswith("=> ")]
        blocks.append(("\n".join(pasted), [line for line in expected if line != "nothing"]))
    return blocks


def shown(mention: Mention) -> str:
    target = "-" if mention.target is None else str(mention.target)
    return target if mention.symptom is None else f"{target} | {mention.symptom}"


@pytest.mark.parametrize(("pasted", "expected"), corpus(), ids=lambda value: str(value)[:60])
def test_corpus(pasted: str, expected: list[str]) -> None:
    assert [shown(mention) for mention in find_mentions(pasted)] == expected


def test_the_corpus_is_large_enough() -> None:
    assert len(corpus()) >= 60


def test_a_line_that_is_joined_from_shell_words_reads_the_same() -> None:
    quoted = "Disconnected from the target VM, address: '127.0.0.1:62893', transport: 'socket'"
    unquoted = quoted.replace("'", "")
    assert [shown(m) for m in find_mentions(unquoted)] == [shown(m) for m in find_mentions(quoted)]


@pytest.mark.parametrize(
    "text",
    [
        "postgres://ada:s3cr3t@localhost:5432/shop refused",
        "postgres://ada:s3c/r3t@localhost:5432/shop refused",
        "ada:s3cr3t@tcp(127.0.0.1:3306)/shop",
        "PGPASSWORD=s3cr3t psql -h localhost --port 5432",
        'connecting {"password": "s3cr3t", "port": 5432}',
        "http://localhost:9000/?api_key=s3cr3t&x=1",
        "curl -H 'Authorization: Bearer s3cr3ts3cr3t' http://localhost:8000",
    ],
)
def test_secrets_never_come_back(text: str) -> None:
    assert "s3c" not in masked(text)
    assert "s3c" not in repr(find_mentions(text))
    assert find_mentions(text)[0].target is not None


def test_an_at_sign_in_a_path_is_no_secret() -> None:
    assert [shown(m) for m in find_mentions("http://localhost:3000/@vite/client")] == [
        "localhost:3000"
    ]


PIECES = [
    "127.0.0.1", "::1", ":5432", "[", "]", "'", ",", " port ", "ECONNREFUSED ", "\n", "*", ".",
    "http://", "localhost", "@", "a:b@", "12:34:56", "%eth0", "tcp6 ", "address=", "99999", "->",
    "\x00", "é",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=300))
def test_any_text_gives_an_answer(text: str) -> None:
    for mention in find_mentions(text):
        assert mention.target is not None or mention.symptom is not None
        port = None if mention.target is None else mention.target.port
        assert port is None or 0 < port <= 65535


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    ["a", "1.", "1", ":", "::", "1:", "a.", "[::", "://", "a:b", "a@", "-", "errno ", "bind ", "'",
     "127.0.0.1:80 ", "::1:80 ", ":80 ", "port 80 ", "localhost.", "to a.", " \n", "password="],
)  # fmt: skip
def test_anything_is_read_in_linear_time(piece: str) -> None:
    def cpu_seconds(size: int) -> float:
        text = (piece * (size // len(piece) + 1))[:size]
        before = time.process_time()
        find_mentions(text)
        return time.process_time() - before

    small = max(cpu_seconds(1 << 13), 0.005)
    # 16 times the text is 16 times the work, or 256 times if quadratic; the machine may be noisy.
    assert cpu_seconds(1 << 17) < small * 16 * 4


@pytest.mark.slow
def test_text_beyond_the_limit_is_left_out() -> None:
    assert find_mentions(" " * MAX_TEXT + "127.0.0.1:80") == ()
