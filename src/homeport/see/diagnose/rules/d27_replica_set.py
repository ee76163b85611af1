"""D27: the client wants a member of a MongoDB replica set, and the server is none of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import told_connection
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = None if case.talk is None else case.talk.fact("replica set")
    if found is None:
        return None
    wanted = case.service.option("replicaSet")
    members = case.talk.fact("members") if case.talk else None
    return Verdict(
        (
            *told_connection(case),
            f"the URL wants replicaSet={wanted}; {found}",
            *([f"it names as members {members}"] if members else []),
        ),
        f"leave replicaSet out of the URL; or start mongod with --replSet {wanted}, and once: "
        f"mongosh --port {case.port} --eval 'rs.initiate()'",
    )


RULE = Rule(
    id="D27",
    title="MongoDB is not of the replica set that the client wants",
    layer=Layer.APPLICATION,
    symptom="MongoServerSelectionError: Server selection timed out",
    looks_for="setName in the answer to hello, and replicaSet in the URL",
    fix="leave replicaSet out of the URL, or make the server a member",
    judge=_judge,
)
