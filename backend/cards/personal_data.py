"""What this area holds about a resident, for the copy they may ask for."""

import json

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PROOF, PersonalRecords, Row, opened, told, without
from backend.foundation.sealing import Sealer
from shared.localized_text import LocalizedText

_CARD_LIFE = LocalizedText(
    "卡注销后仍按档案管理规定保存。", "Also after the card's end, as the rules on archives ask."
)
_OF_CARDS = ("cards", "resident_id")


def _pin(row: Row, _: Sealer) -> object:
    pin = row.get("pin", {})
    return {
        "set": pin.get("check") is not None,
        "wrong": pin.get("wrong", 0),
        "unlocks": pin.get("unlocks", 0),
    }


def _attested(row: Row, sealer: Sealer) -> object:
    return json.loads(str(opened("attestations", "sealed")(row, sealer)))


CARDS = PersonalRecords(
    code="cards.cards",
    title=LocalizedText("社会保障卡", "Social security cards"),
    collection="cards",
    person="resident_id",
    kept=_CARD_LIFE,
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "number_sealed": told("number", "卡号", "Card number", opened("cards", "number_sealed")),
        "number_tail": told("number_tail", "卡号末位", "Card number's last digits"),
        "number_kept": told("number_kept", "是否保号换卡", "Whether the number was kept"),
        "region": told("region", "发卡地区代码", "Issuing region's code"),
        "state": told("state", "卡状态", "State"),
        "generation": told("generation", "第几代卡", "Generation"),
        "version": told("version", "第几张卡", "Which card of yours"),
        "replaces": told("replaces", "替换的卡", "The card it replaces"),
        "card_index": told("card_index", "电子社保卡序号", "Index in the code"),
        "account_reference": told(
            "account_reference", "金融账户代号", "Payment account's reference"
        ),
        "account_active": told("account_active", "金融账户是否启用", "Payment account active"),
        "pin": told("pin", "卡密码状态（不含密码）", "The PIN's state, without the PIN", _pin),
        "devices": told("devices", "绑定的手机", "Phones", without("devices", "renewal_key")),
        "stopped_by_death": told(
            "stopped_by_death", "是否因死亡登记停用", "Stopped by a reported death"
        ),
        "issued_at": told("issued_at", "登记时间", "Registered at"),
        "changed_at": told("changed_at", "状态变更时间", "State changed at"),
        "expires_at": told("expires_at", "有效期至", "Valid until"),
        "revision": told("revision", "变更次数", "Number of events"),
        "facts": told("facts", "影响凭证的变更次数", "Changes that certificates follow"),
        "judged": told(
            "judged", "各手机凭证内容的核定有效期", "Until when what certificates say stands"
        ),
    },
    withheld={
        "card_digest": PROOF,
        "outbox": LocalizedText(
            "尚未转入审计日志的记录；见“谁用过我的信息”。",
            'Rows on their way to the audit log; see "Who used my data".',
        ),
    },
    purpose=LocalizedText("发卡、用卡、挂失和换卡", "Issuing the card and its services"),
    labels={
        label.CARD: "region card_index generation version number_sealed number_tail pin devices",
        label.ACCOUNT: "account_reference account_active",
        label.IDENTIFIER: "replaces",
        label.PROOF: "card_digest",
        label.OPERATION: "revision facts judged outbox",
    },
)
EVENTS = PersonalRecords(
    code="cards.events",
    title=LocalizedText("卡业务记录", "What happened to your cards"),
    collection="card_events",
    person="card_id",
    through=_OF_CARDS,
    kept=_CARD_LIFE,
    told={
        "_id": told("id", "编号", "Id"),
        "card_id": told("card_id", "卡", "Card"),
        "revision": told("revision", "序号", "Number"),
        "at": told("at", "时间", "At"),
        "event": told("event", "业务", "Event"),
        "before": told("before", "之前的状态", "State before"),
        "after": told("after", "之后的状态", "State after"),
    },
    withheld={
        "actor_id": LocalizedText(
            "经办人的内部编号；机构见“谁用过我的信息”。",
            'The clerk\'s internal id; the organisation stands under "Who used my data".',
        )
    },
    purpose=LocalizedText("办理卡业务的记录", "What was done with the card"),
    labels={
        label.OPERATION: "revision",
    },
)
ATTESTATIONS = PersonalRecords(
    code="cards.attestations",
    title=LocalizedText("优待身份证明", "Attestations of concessions"),
    collection="attestations",
    person="resident_id",
    kept=LocalizedText("您是本市持卡人期间。", "As long as you hold the city's card."),
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "sealed": told("attested", "证明内容", "What is attested", _attested),
        "recorded_at": told("recorded_at", "登记时间", "Recorded at"),
    },
    purpose=LocalizedText("核定优待资格", "Concessions you are entitled to"),
    every=label.STANDING,
    labels={
        label.STANDING: "sealed",
    },
)
CODES = PersonalRecords(
    code="cards.enrolment_codes",
    title=LocalizedText("手机激活码", "Activation codes"),
    collection="enrolment_codes",
    person="card_id",
    through=_OF_CARDS,
    kept=LocalizedText("失效后7天。", "7 days after their end."),
    told={
        "card_id": told("card_id", "卡", "Card"),
        "expires_at": told("expires_at", "失效时间", "Ends at"),
        "used_by": told("used_by", "使用它的手机公钥指纹", "Thumbprint of the phone that used it"),
    },
    withheld={"_id": PROOF},
    purpose=LocalizedText("激活手机", "Activating a phone"),
    labels={
        label.PROOF: "used_by",
    },
)
PAPERS = PersonalRecords(
    code="cards.paper_codes",
    title=LocalizedText("纸质当日码", "Codes on paper"),
    collection="paper_codes",
    person="resident_id",
    kept=LocalizedText("当日后30天。", "30 days after their day."),
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "card_id": told("card_id", "卡", "Card"),
        "card_index": told("card_index", "电子社保卡序号", "Index in the code"),
        "serial": told("serial", "纸质码序号", "Number of the paper"),
        "algorithm": told("algorithm", "签名算法", "Signature algorithm"),
        "public_key": told("public_key", "纸质码公钥", "Public key of the paper"),
        "day": told("day", "可用日期", "Good on"),
        "made_at": told("made_at", "打印时间", "Printed at"),
        "made_by": told("made_by", "由谁打印", "Printed by"),
        "mandate": told("mandate", "凭哪项委托打印", "Printed under the mandate"),
        "ends_at": told("ends_at", "失效时间", "Ends at"),
        "live": told("live", "是否未撤销", "Not revoked"),
        "stopped_at": told("stopped_at", "撤销时间", "Revoked at"),
    },
    withheld={"code_sealed": PROOF},
    purpose=LocalizedText("没有手机时使用社保卡", "Using the card without a phone"),
    labels={
        label.CARD: "card_index serial day algorithm public_key",
        label.PROOF: "code_sealed",
        label.OPERATION: "live",
        label.IDENTIFIER: "mandate",
    },
)
REVIEWS = PersonalRecords(
    code="cards.eligibility_reviews",
    title=LocalizedText("持卡资格核查", "Reviews of your grounds for the card"),
    collection="eligibility_reviews",
    person="resident_id",
    kept=_CARD_LIFE,
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "state": told("state", "结论", "State"),
        "opened_at": told("opened_at", "开始时间", "Began at"),
        "due_at": told("due_at", "办结期限", "Due at"),
        "decided_at": told("decided_at", "办结时间", "Decided at"),
    },
    withheld={"decided_by": EVENTS.withheld["actor_id"]},
    purpose=LocalizedText("核查持卡资格", "Reviewing who may hold the card"),
    labels={
        label.IDENTIFIER: "decided_by",
    },
)
PERSONAL = (REVIEWS, CARDS, EVENTS, ATTESTATIONS, CODES, PAPERS)
