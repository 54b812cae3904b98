"""Divisions of GB/T 2260."""

import pytest

from shared.identity.regions import is_known_region, region_digits, region_of


@pytest.mark.parametrize(
    ("code", "full_name", "abolished"),
    [
        (360000, "江西省", False),
        (360700, "江西省赣州市", False),
        ("360702", "江西省赣州市章贡区", False),
        (110101, "北京市东城区", False),
        (441900, "广东省东莞市", False),
        (429004, "湖北省仙桃市", False),
        (362121, "江西省赣州地区赣县", True),
        (320103, "江苏省南京市白下区", True),
        (330104, "浙江省杭州市江干区", True),
        (830000, "台湾省", False),
    ],
)
def test_a_code_names_its_place(code: int | str, full_name: str, abolished: bool) -> None:
    region = region_of(code)

    assert region is not None
    assert (region.full_name, region.abolished) == (full_name, abolished)


@pytest.mark.parametrize(
    "code", [0, -1, 999999, 369999, "", "36070", "3607020", "abcdef", "３６０７０２", "+36070"]
)
def test_what_is_no_division_is_unknown(code: int | str) -> None:
    assert region_of(code) is None
    assert not is_known_region(code)


def test_digits_are_six() -> None:
    assert region_digits(360700) == "360700"
    with pytest.raises(ValueError, match="six digits"):
        region_digits(1_000_000)


def test_every_row_of_the_table_lies_in_a_known_province() -> None:
    codes = [code for code in range(110_000, 840_000) if is_known_region(code)]
    regions = [region for code in codes if (region := region_of(code))]

    assert len(regions) == len(codes) > 6000
    assert all(region_of(region.code // 10000 * 10000) for region in regions)
    assert sum(not region.abolished for region in regions) == 3352
