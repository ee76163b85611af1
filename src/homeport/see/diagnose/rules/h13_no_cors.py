"""H13: no page of another origin may read the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import answer

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk, response = case.talk, answer(case)
    if talk is None or response is None or not talk.healthy or response.status != 200:
        return None
    kind = response.headers.get("content-type", "").lower()
    if "json" not in kind or "access-control-allow-origin" in response.headers:
        return None
    if "origin" in response.headers.get("vary", "").lower():
        return None
    return Verdict(
        (
            (
                "Asked without an Origin, the answer allows no other origin to read it. If it "
                "works here "
                "and a browser blocks it (CORS), see what the server says to one: curl -si -H "
                "'Origin: "
                f"http://localhost:3000' {case.service.asked} | grep -i access-control"
            ),
        ),
        "let the server's CORS middleware allow the origin of the page",
        note=True,
    )


RULE = Rule(
    id="H13",
    title="no page of another origin may read the answer",
    layer=Layer.APPLICATION,
    symptom="works with curl, “blocked by CORS policy” in the browser",
    looks_for="a JSON answer without Access-Control-Allow-Origin",
    fix="let the server send Access-Control-Allow-Origin (its CORS middleware)",
    judge=_judge,
)
