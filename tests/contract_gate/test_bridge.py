"""Shell scripts run against a target: however long they are, and however much they say."""

from __future__ import annotations

from mockserver.contract.reproducers.bridge import Bridge
from mockserver.contract.values import Answered, Message, Outcome

LONG = 1 << 18
CALL = 'curl -sS "$BASE_URL/x" -o /dev/null\n'


def ask(message: Message) -> Outcome:
    return Answered(200, (), message.target.encode())


def test_a_script_longer_than_a_pipe_is_run_to_its_end() -> None:
    with Bridge(ask) as bridge:
        code, _ = bridge.run(CALL + ": " + "a" * LONG + "\n" + CALL + "exit 3\n", {}, 60.0)
        assert code == 3
        assert len(bridge.answers) == 2


def test_a_script_that_says_more_than_a_pipe_holds_is_run_to_its_end() -> None:
    said_at_least = LONG
    script = f"head -c {said_at_least} /dev/zero | tr '\\0' a >&2\nexit 4\n"
    with Bridge(ask) as bridge:
        code, said = bridge.run(script, {}, 60.0)
        assert code == 4
        assert len(said) == said_at_least


def test_a_script_that_does_not_end_is_ended() -> None:
    with Bridge(ask) as bridge:
        assert bridge.run("while true; do :; done\n", {}, 0.2)[0] == 124
