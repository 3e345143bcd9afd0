from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.reading.remarks import Remark, told

REMARKS = st.lists(
    st.builds(Remark, st.sampled_from(["a.yaml", "b.yaml"]), st.text("/ab"),
              st.sampled_from(["one", "two", "three"]), st.just("odd"))
)  # fmt: skip


@given(REMARKS)
def test_one_line_for_each_rule_of_each_file(remarks: list[Remark]) -> None:
    assert len(list(told(remarks))) == len({(each.source, each.rule) for each in remarks})


@given(REMARKS)
def test_each_remark_has_a_line_where_all_are_asked_for(remarks: list[Remark]) -> None:
    assert list(told(remarks, every=True)) == [str(remark) for remark in remarks]


def test_a_line_tells_the_first_and_how_many_follow() -> None:
    remarks = [Remark("a.yaml", f"/{number}", "odd-one", "is odd") for number in range(400)]
    [line] = told(remarks)
    assert line.startswith("a.yaml at /0: is odd (odd-one)")
    assert "399 more" in line
    assert list(told(remarks[:1])) == ["a.yaml at /0: is odd (odd-one)"]


def test_each_operation_that_is_lost_has_a_line_of_its_own() -> None:
    remarks = [
        Remark("a.yaml", pointer, "same-paths", "another has this method: dropped")
        for pointer in ("/paths/~1a/get", "/paths/~1b/post", "/paths/~1c", "/paths/~1c/get/tags")
    ]
    nowhere = "the reference to 'b.yaml' leads nowhere (it): nothing stands there now"
    remarks.append(Remark("a.yaml", "/paths/~1d", "unresolvable-reference", nowhere))
    first, second, third, fourth, other = told(remarks)
    assert first.startswith("a.yaml at /paths/~1a/get: another has this method: dropped")
    assert all(line.endswith("; it is not served") for line in (first, second, third, fourth))
    assert "/paths/~1c/get/tags" in other
    assert "not served" not in other


def test_of_many_operations_that_are_lost_the_first_are_told() -> None:
    remarks = [Remark("a.yaml", f"/paths/~1{n}", "odd", "no object: dropped") for n in range(25)]
    lines = list(told(remarks))
    assert len(lines) == 21
    assert lines[-1] == "5 more operations are not served, shown with --verbose"
