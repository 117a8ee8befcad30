"""Nobody who shouldn't know is ever told, and somebody always is."""

from __future__ import annotations

from tests.harness.waiting import until

HEAD_PHONE, HEAD_MAIL = "+84000000121", "mau21@th.example.invalid"
CHILD = [{"full_name": "Trẻ Bịa Ra", "age": 8, "school": "th-binh-luong"}]


def told_to(people, told):
    people.sent(told["incident_id"])
    return {one["to"] for one in people.messages(told["code"])}


def agencies(people, told):
    people.sent(told["incident_id"])
    return {alert["agency"] for alert in people.alerts(told["incident_id"])}


def test_the_head_teacher_is_told_as_a_rule(people):
    told = people.report(children=CHILD)

    assert {HEAD_PHONE, HEAD_MAIL} <= told_to(people, told)
    assert "th-binh-luong" in agencies(people, told)


def test_staff_of_the_school_suspected_neither_the_school_nor_its_head_elsewhere_is_told(people):
    told = people.report(children=CHILD, environment="SCHOOL", suspects=[{"relation": "TEACHER"}])

    targets = told_to(people, told)
    assert not {HEAD_PHONE, HEAD_MAIL} & targets
    assert not [target for target in targets if target.endswith("@th.example.invalid")]
    assert "th-binh-luong" not in agencies(people, told)
    # The school's superior has the duty instead: today that is the office of the unit that follows the district.
    assert any(agency.startswith("gd-") or "gd" in agency for agency in agencies(people, told) - {"bvte-binh-luong"})
    assert {"bvte-binh-luong", "ca-binh-luong"} <= agencies(people, told)


def test_violence_between_pupils_does_reach_the_school(people):
    told = people.report(
        children=CHILD, environment="SCHOOL", kinds=["SCHOOL_VIOLENCE"], suspects=[{"relation": "PUPIL"}]
    )

    assert "th-binh-luong" in agencies(people, told)


def test_where_everybody_is_excluded_someone_up_the_ladder_is_told(people):
    told = people.report(
        children=CHILD,
        withhold_from=["bvte-binh-luong", "ca-binh-luong", "mn-binh-luong", "th-binh-luong", "thcs-binh-luong"],
    )

    targets, asked = told_to(people, told), agencies(people, told)
    assert targets
    assert asked
    assert not {agency for agency in asked if agency.endswith("-binh-luong")}


def test_one_excluded_agency_leaves_the_others(people):
    told = people.report(children=CHILD, withhold_from=["ca-binh-luong"])

    asked = agencies(people, told)
    assert "ca-binh-luong" not in asked
    assert {"bvte-binh-luong", "th-binh-luong"} <= asked
    assert len(asked) >= 3


def test_a_form_that_leaves_who_and_where_open_tells_no_school(people):
    page = people.http.post(
        people.ready["intake"] + "/", data={"description": "Thầy ở trường (bịa ra)", "child_school": "th-binh-luong"}
    ).text
    code = page.split('class="digits code">')[1].split("<")[0]

    until(lambda: {"+84000000101", "+84000000111"} <= {one["to"] for one in people.messages(code)}, what="others told")
    targets = {one["to"] for one in people.messages(code)}
    assert not {HEAD_PHONE, HEAD_MAIL, "+84000000122", "mau22@th.example.invalid"} & targets
