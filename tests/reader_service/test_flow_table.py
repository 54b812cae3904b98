"""The day's counts as a file: a venue's name for an area is text, never a formula."""

from reader_service.console.flow_table import flow_table


def test_a_name_that_a_spreadsheet_would_reckon_stays_text() -> None:
    area = {"area": "=1+1", "entered": 2, "left": 1, "inside": 1}
    table = flow_table({"areas": [area], "hours": [], "lanes": []}).decode("utf-8-sig")
    assert table.splitlines()[1] == "区域 area,'=1+1,2,1,1,"
