"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PersonalRecords, told
from shared.localized_text import LocalizedText

CASES = PersonalRecords(
    code="cross_region.cases",
    title=LocalizedText("跨地区通办业务", "Card services across regions"),
    collection="cross_region_cases",
    person="resident_id",
    kept=LocalizedText(
        "您是本市持卡人期间。", "As long as you are on this city's record of card holders."
    ),
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "direction": told("direction", "方向", "Direction"),
        "origin_region": told("origin_region", "发卡地区代码", "Issuing region's code"),
        "handling_region": told("handling_region", "受理地区代码", "Handling region's code"),
        "handling_outlet": told("handling_outlet", "受理网点代码", "Handling outlet's code"),
        "outlet_name": told("outlet_name", "受理网点", "Handling outlet"),
        "item": told("item", "业务", "Service"),
        "reason": told("reason", "原因", "Reason"),
        "card_in_hand": told("card_in_hand", "是否持卡办理", "Whether the card lay there"),
        "state": told("state", "状态", "State"),
        "opened_at": told("opened_at", "受理时间", "Opened at"),
        "changed_at": told("changed_at", "最近变动", "Changed at"),
        "tries": told("tries", "发送次数", "Times sent"),
        "due_at": told("due_at", "下次发送时间", "Next sent at"),
        "peer_case": told("peer_case", "对方业务编号", "The other region's id"),
        "result_code": told("result_code", "结果代码", "Result's code"),
        "result_text": told("result_text", "结果说明", "Result in words"),
        "disputed_at": told("disputed_at", "答复不一致的时间", "Contradicted at"),
    },
    withheld={
        "opened_by": LocalizedText(
            "经办人的内部编号；机构见“谁用过我的信息”。",
            'The clerk\'s internal id; the organisation stands under "Who used my data".',
        )
    },
    newest_first="opened_at",
    purpose=LocalizedText("办理跨地区卡业务", "Card services across regions"),
    labels={
        label.ACTIVITY: (
            "origin_region handling_region handling_outlet outlet_name result_code result_text"
        ),
        label.OPERATION: "tries",
        label.IDENTIFIER: "opened_by peer_case",
    },
)
PERSONAL = (CASES,)
