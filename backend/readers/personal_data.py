"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PROOF, PersonalRecords, told
from shared.localized_text import LocalizedText

INTERNAL = LocalizedText(
    "只表示系统处理到哪一步。", "It only says how far the system is with the record."
)
STAFF = LocalizedText("放行的工作人员，属于他人信息。", "Who of the staff it was is theirs.")
DELEGATE = LocalizedText("代办人的编号，是其本人的信息。", "The delegate's id is their data.")
VISITS = PersonalRecords(
    code="readers.visits",
    title=LocalizedText("到访记录", "Visits"),
    collection="scans",
    person="visitor",
    kept=LocalizedText("180天，到期自动删除。", "180 days, then deleted by itself."),
    told={
        "_id": told("id", "编号", "Id"),
        "visitor": told("resident_id", "居民编号", "Resident id"),
        "card_id": told("card_id", "卡", "Card"),
        "scanned_at": told("scanned_at", "时间", "At"),
        "received_at": told("received_at", "上传时间", "Uploaded at"),
        "venue_name": told("venue_name", "场馆", "Venue"),
        "venue_number": told("venue_number", "场馆编号", "Venue's number"),
        "lane_name": told("lane_name", "通道", "Lane"),
        "lane": told("lane", "通道编号", "Lane's number"),
        "terminal_id": told("terminal_id", "读卡终端编号", "Reader's id"),
        "medium": told("medium", "介质", "Code or card"),
        "verdict": told("verdict", "结果", "Result"),
        "reason": told("reason", "原因", "Reason"),
        "detail": told("detail", "原因细节", "The reason's details"),
        "region": told("region", "发卡地区代码", "Issuing region's code"),
        "card_index": told("card_index", "电子社保卡序号", "Index in the code"),
        "device_serial": told("device_serial", "第几部手机", "Which phone"),
        "mandate": told("mandate", "代办出示所据授权", "Mandate by which it was shown for you"),
        "counter": told("counter", "码的序号", "The code's counter"),
        "direction": told("direction", "进出方向", "In or out"),
        "party": told("party", "同行人数", "Persons at the gate"),
        "persons": told("persons", "通过人数", "Persons let through"),
        "entered": told("entered", "计入入场", "Counted as in"),
        "left": told("left", "计入离场", "Counted as out"),
        "counted_on": told("counted_on", "所用预约或通票", "Booking or pass it was counted on"),
        "counted_flags": told("counted_flags", "计次异常", "What was odd about counting it"),
        "annuls": told("annuls", "撤销的记录", "Record it takes back"),
        "annulled_by": told("annulled_by", "被撤销", "Taken back by"),
        "override_reason": told("override_reason", "人工放行原因", "Why staff let you in"),
        "flags": told("flags", "异常标记", "What was odd about it"),
    },
    withheld={
        "card_digest": PROOF,
        "code_use": PROOF,
        "counted": INTERNAL,
        "due": INTERNAL,
        "override_staff": STAFF,
        "shown_by": DELEGATE,
    },
    newest_first="scanned_at",
    purpose=LocalizedText("验票放行，防止冒用", "Admitting you, and noticing codes used by others"),
    every=label.WHEREABOUTS,
    labels={
        label.WHEREABOUTS: (
            "venue_number venue_name lane lane_name visitor direction party persons entered "
            "left counted_on counted_flags annuls annulled_by"
        ),
        label.CARD: "region card_index device_serial counter medium",
        label.ACTIVITY: "verdict reason detail flags override_reason",
        label.PROOF: "card_digest code_use",
        label.OPERATION: "counted",
        label.IDENTIFIER: "override_staff mandate shown_by",
    },
)
PERSONAL = (VISITS,)
