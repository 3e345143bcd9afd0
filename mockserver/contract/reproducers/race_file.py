"""A finding about calls made at once as a pytest file: it makes them again and again.

What is right it learns from the server itself, which it asks one call after the other, in each
order. A race is lost by chance: the file fails as often as the server does in so many tries.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from mockserver.contract.calls import keys_in
from mockserver.contract.masking import Secrets
from mockserver.contract.reproducers.numbers import with_learned_keys
from mockserver.contract.reproducers.pytest_file import Draft, Place, call_of, captures, headed
from mockserver.contract.reproducers.templates import Scope, snake, templates
from mockserver.contract.values import Answered, Exchange, Failed, Finding, Ran, Reproducer, Sent
from mockserver.contract.wire import Writer

TIMES = 25
"""Times that the calls are made at once."""

NOT_RUN = Ran(shown=False, why="not run: calls made at once show a fault by chance")


def reproducer(finding: Finding, writer: Writer, secrets: Secrets, place: Place) -> Reproducer:
    """The pytest file of a race; a shell script cannot show it.

    Raises KeyError where the calls cannot be written.
    """
    draft, sizes = _draft(finding, writer, secrets, place)
    text = secrets.text(_written(draft, sizes))
    variables = tuple((variable.name, variable.what) for variable in draft.scope.environment)
    return Reproducer("", text, variables, NOT_RUN, NOT_RUN)


def _draft(
    finding: Finding, writer: Writer, secrets: Secrets, place: Place
) -> tuple[Draft, list[int]]:
    """What the file is written from, and how many calls each branch has."""
    race = finding.calls[-1]
    before = finding.sequence[: len(finding.calls) - 1]
    births = tuple(birth for birth in finding.births if birth.step < len(before))
    known = {birth.number: birth.value for birth in births}
    reads = [read for read in race.reads if all(key.number in known for key in keys_in(read))]
    inner = [*(sent for branch in race.branches for sent in branch), *reads]
    made = [_exchange(sent, writer, known) for sent in inner]
    told = with_learned_keys(replace(finding, sequence=(*before, *made), births=births))
    scope = Scope(told.births, [exchange.sent for exchange in told.sequence])
    calls = templates(told.sequence, scope, writer, secrets)
    return Draft(told, calls, scope, place), [len(branch) for branch in race.branches]


def _exchange(sent: Sent, writer: Writer, known: dict[int, object]) -> Exchange:
    nothing = Failed("unasked", "made at once with others")
    return Exchange(sent, writer.message(sent, lambda key: known[key.number]), nothing, nothing)


def _written(draft: Draft, sizes: Sequence[int]) -> str:
    first = len(draft.calls) - _count(draft, sizes)
    place, branches = first, []
    for size in sizes:
        branches.append(range(place, place + size))
        place += size
    body = ["reset()"] if draft.place.reset else []
    for number in range(first):
        exchange = draft.finding.sequence[number]
        body.append(call_of(draft, draft.calls[number]))
        if isinstance(exchange.got, Answered):
            body.append(f"assert answer.status == {exchange.got.status}")
        body += captures(draft, number, exchange)
    body.append("branches = [")
    body += [
        "    [" + ", ".join(_later(draft, number) for number in each) + "]," for each in branches
    ]
    body += ["]", "answers = made_at_once(branches) if order is None else made(branches, order)"]
    for number in range(place, len(draft.calls)):
        body += [call_of(draft, draft.calls[number]), "answers.append(answer)"]
    names = [v.name for v in draft.scope.variables if v.birth is not None]
    values = ", ".join(name for name in names if any(f"{name} = " in line for line in body))
    body.append(f"return told(answers, [{values}])")
    lines = ['"""What is answered in some order, or to calls made at once where there is none."""']
    source = textwrap.indent("\n".join([*lines, *body]), "    ")
    orders = "".join(str(number) * size for number, size in enumerate(sizes))
    name = snake(draft.finding.operation)
    return "\n".join(
        [
            *headed(draft, source, ("concurrent.futures", "itertools", "re", "threading")),
            _MADE.replace("@ORDERS@", repr(orders)).replace("@TIMES@", str(TIMES)),
            f"def outcome(order):\n{source}\n\n",
            f"def test_{name}_at_once():",
            _TEST,
        ]
    )


def _count(draft: Draft, sizes: Sequence[int]) -> int:
    """How many calls come after those that prepare the race."""
    return len(draft.finding.sequence) - (len(draft.finding.calls) - 1) if sizes else 0


def _later(draft: Draft, number: int) -> str:
    return "lambda: " + call_of(draft, draft.calls[number]).removeprefix("answer = ")


_MADE = '''

TIMES = @TIMES@
ORDERS = sorted(set(itertools.permutations(@ORDERS@)))
OWN = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9-]{10}T[0-9:.]+Z?")


def made(branches, order):
    """The answers to all calls, made one after the other."""
    left = [list(calls) for calls in branches]
    answers = [[] for _ in branches]
    for place in map(int, order):
        answers[place].append(left[place].pop(0)())
    return [answer for each in answers for answer in each]


def made_at_once(branches):
    """The answers to all calls, the branches made at the same time."""
    start = threading.Barrier(len(branches))

    def run(calls):
        start.wait()
        return [each() for each in calls]

    with concurrent.futures.ThreadPoolExecutor(len(branches)) as pool:
        return [answer for each in pool.map(run, branches) for answer in each]


def told(answers, values):
    """Statuses and bodies, with numbers for what the server makes for itself."""
    seen = {str(value): f"<{place}>" for place, value in enumerate(values)}
    found = []
    for answer in answers:
        text = OWN.sub(lambda m: seen.setdefault(m.group(), f"<{len(seen)}>"), answer.text)
        found.append((answer.status, text))
    return found


'''

_TEST = """    allowed = [outcome(order) for order in ORDERS]
    steady = allowed == [outcome(order) for order in ORDERS]
    for _ in range(TIMES):
        found = outcome(None)
        if not steady:  # bodies say what differs from call to call
            assert [each[0] for each in found] in [[each[0] for each in one] for one in allowed]
            continue
        assert found in allowed, "no order of the calls explains these answers"
"""
