"""What this area holds about a resident, for the copy they may ask for."""

import json

from backend.foundation import data_labels as label
from backend.foundation.person_keys import KeyDestroyed
from backend.foundation.personal_data import PROOF, PersonalRecords, Row, opened, told
from backend.foundation.sealing import Sealer
from backend.residents.records import COLLECTION, stated_name
from shared.localized_text import LocalizedText

_WHILE_RESIDENT = LocalizedText("您是本市持卡人期间。", "As long as you hold the city's card.")
_CLERK = LocalizedText(
    "经办人的内部编号；机构见“谁用过我的信息”。",
    'The clerk\'s internal id; the organisation stands under "Who used my data".',
)
SECRET = LocalizedText(
    "保护您的信息的密钥，不含您的信息。", "The keys that protect your data; none of it is in them."
)


def _former_names(row: Row, sealer: Sealer) -> object:
    return [
        {
            "name": sealer.open(
                one["sealed"],
                collection=COLLECTION,
                field=f"former_name_{place}",
                document=row["_id"],
            ),
            "origin": one["origin"],
            "until": one["until"],
        }
        for place, one in enumerate(row.get("former_names", ()))
    ]


def _stated(row: Row, sealer: Sealer) -> object:
    said = []
    for one in row.get("stated") or ():
        name = stated_name(one["field"], one["origin"]["source"])
        try:
            value = sealer.open(
                one["sealed"], collection=COLLECTION, field=name, document=row["_id"]
            )
        except KeyDestroyed:
            continue
        said.append(
            {**{key: one[key] for key in ("field", "origin", "in_conflict")}, "value": value}
        )
    return said


RECORD = PersonalRecords(
    code="residents.record",
    title=LocalizedText("登记信息", "Your record"),
    collection=COLLECTION,
    person="_id",
    kept=_WHILE_RESIDENT,
    told={
        "_id": told("id", "居民编号", "Resident id"),
        "name_sealed": told("name", "姓名", "Name", opened(COLLECTION, "name_sealed")),
        "number_sealed": told(
            "number", "证件号码", "ID number", opened(COLLECTION, "number_sealed")
        ),
        "birth_sealed": told("birth", "出生日期", "Birth date", opened(COLLECTION, "birth_sealed")),
        "phone_sealed": told("phone", "手机号码", "Phone", opened(COLLECTION, "phone_sealed")),
        "region": told("region", "行政区划代码", "Region code"),
        "status": told("status", "状态", "Status"),
        "assurance": told("assurance", "实名等级", "Level of assurance"),
        "origins": told("origins", "各项信息的来源", "Where each field comes from"),
        "former_names": told("former_names", "曾用名", "Former names", _former_names),
        "stated": told("stated", "其他来源的不同记载", "What other sources say", _stated),
        "registered_at": told("registered_at", "登记时间", "Registered at"),
        "changed_at": told("changed_at", "最后变更时间", "Last changed at"),
        "closed_at": told("closed_at", "账户注销时间", "Account closed at"),
        "merged_into": told("merged_into", "并入的记录", "Record it is merged into"),
    },
    withheld={"number_index": PROOF, "phone_index": PROOF},
    purpose=LocalizedText("实名登记，办理和使用社会保障卡", "Real-name registration for the card"),
    labels={
        label.NUMBER: "number_sealed",
        label.IDENTITY: "name_sealed birth_sealed region former_names stated",
        label.CONTACT: "phone_sealed",
        label.PROOF: "number_index phone_index",
        label.OPERATION: "origins",
        label.IDENTIFIER: "merged_into",
    },
)
CHANGES = PersonalRecords(
    code="residents.changes",
    title=LocalizedText("人口库通报的变化", "Changes the population register told of"),
    collection="resident_events",
    person="resident_id",
    kept=_WHILE_RESIDENT,
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "kind": told("kind", "变化", "Change"),
        "at": told("at", "时间", "At"),
    },
    purpose=LocalizedText(
        "人口库通报的死亡、迁移等变化",
        "Deaths, moves and renames that the population register told of",
    ),
)
KEYS = PersonalRecords(
    code="residents.keys",
    title=LocalizedText("您的密钥", "Your keys"),
    collection="person_keys",
    person="_id",
    kept=LocalizedText(
        "到注销账户（登记信息的密钥：到记录清除）为止。",
        "Until the account is closed; that of the record until the record is erased.",
    ),
    told={
        "_id": told("id", "居民编号", "Resident id"),
        "made_at": told("made_at", "生成时间", "Made at"),
    },
    withheld={"register_key": SECRET, "account_key": SECRET, "data_key": SECRET},
    purpose=LocalizedText("加密保护您的信息", "Sealing your data"),
    labels={
        label.SECRET: "register_key account_key data_key",
    },
)
HOUSEHOLD = PersonalRecords(
    code="residents.household",
    title=LocalizedText("同户标记", "Household mark"),
    collection="household_members",
    person="_id",
    kept=_WHILE_RESIDENT,
    told={"_id": told("id", "居民编号", "Resident id")},
    withheld={"person": PROOF, "household": PROOF},
    purpose=LocalizedText("发现工作人员查阅家庭成员", "Noticing staff who read their own family"),
    labels={
        label.RELATION: "household",
        label.PROOF: "person",
    },
)


def _ground(row: Row, sealer: Sealer) -> object:
    text = opened("eligibility_grounds", "sealed")(row, sealer)
    return None if text is None else json.loads(str(text))


GROUNDS = PersonalRecords(
    code="residents.grounds",
    title=LocalizedText("持卡资格", "Grounds for holding the card"),
    collection="eligibility_grounds",
    person="resident_id",
    kept=_WHILE_RESIDENT,
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "sealed": told("ground", "资格内容", "What it says", _ground),
        "starts_at": told("starts_at", "开始时间", "Holds from"),
        "ends_at": told("ends_at", "终止时间", "Ended at"),
        "settled": told("settled", "终止后是否已核查", "Looked at after its end"),
        "recorded_at": told("recorded_at", "登记时间", "Recorded at"),
    },
    purpose=LocalizedText("核定持卡资格", "Who may hold the card"),
    every=label.STANDING,
    labels={
        label.STANDING: "sealed",
    },
)
MERGES = PersonalRecords(
    code="residents.merges",
    title=LocalizedText("登记记录合并", "Merges of your records"),
    collection="record_merges",
    person="resident_ids",
    kept=_WHILE_RESIDENT,
    told={
        "_id": told("id", "编号", "Id"),
        "resident_ids": told("resident_ids", "两条记录，保留的在前", "Records, the kept one first"),
        "merged": told("merged", "并入的记录", "Record that is merged"),
        "state": told("state", "状态", "State"),
        "reason": told("reason", "事由", "Reason"),
        "asked_at": told("asked_at", "提出时间", "Proposed at"),
        "decided_at": told("decided_at", "复核时间", "Decided at"),
    },
    withheld={"asked_by": _CLERK, "decided_by": _CLERK},
    purpose=LocalizedText("一人一条登记信息", "One record a person"),
    labels={
        label.IDENTIFIER: "resident_ids merged asked_by decided_by",
        label.WORDS: "reason",
    },
)
PERSONAL = (GROUNDS, MERGES, RECORD, KEYS, CHANGES, HOUSEHOLD)
