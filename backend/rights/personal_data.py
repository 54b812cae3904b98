"""What this area and the audit log hold about a resident, and what a copy cannot hold."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PersonalRecords, Row, opened, told
from backend.foundation.sealing import Sealer
from shared.localized_text import LocalizedText

_PROOF_OF_TELLING = LocalizedText(
    "为证明已告知、已同意而保存。", "Kept to prove what was told and agreed to."
)
_PROOF_OF_DEALING = LocalizedText(
    "为证明如何办理而保存；账户注销后，您填写的内容不再可读。",
    "Kept to prove how it was dealt with; what you wrote is unreadable once the account is closed.",
)


def _actor(row: Row, _: Sealer) -> object:
    """Tell what kind of somebody it was, and the id only of the person themselves."""
    actor = row["actor"]
    own = actor["id"] == row["subject"]
    return {"kind": actor["kind"], **({"id": actor["id"]} if own else {})}


NOTICES = PersonalRecords(
    code="rights.notices",
    title=LocalizedText("阅读过的告知书", "Notices you were shown"),
    collection="notice_receipts",
    person="resident_id",
    kept=_PROOF_OF_TELLING,
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "notice": told("notice", "告知书", "Notice"),
        "version": told("version", "版本", "Version"),
        "digest": told("digest", "内容的SHA-256", "SHA-256 of its words"),
        "acknowledged_at": told("acknowledged_at", "阅读时间", "Acknowledged at"),
    },
    purpose=LocalizedText("证明告知过您", "Proving that you were told"),
    labels={
        label.OPERATION: "notice version",
        label.PROOF: "digest",
    },
)
CONSENTS = PersonalRecords(
    code="rights.consents",
    title=LocalizedText("单独同意", "Separate consents"),
    collection="consent_receipts",
    person="resident_id",
    kept=_PROOF_OF_TELLING,
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "purpose": told("purpose", "目的代码", "Purpose's code"),
        "title": told("title", "目的", "Purpose"),
        "version": told("version", "版本", "Version"),
        "digest": told("digest", "说明的SHA-256", "SHA-256 of its words"),
        "fields": told("fields", "涉及的信息", "Data"),
        "recipient": told("recipient", "接收方", "Recipient"),
        "given_at": told("given_at", "同意时间", "Given at"),
        "until": told("until", "有效期至", "Until"),
        "withdrawn_at": told("withdrawn_at", "撤回时间", "Withdrawn at"),
        "latest": told("latest", "是否该目的的最近一次", "The latest for its purpose"),
    },
    newest_first="given_at",
    purpose=LocalizedText("证明您的同意和撤回", "Proving what you consented to and withdrew"),
    labels={
        label.ACTIVITY: "purpose title fields recipient",
        label.OPERATION: "version",
        label.PROOF: "digest",
    },
)
CLOSINGS = PersonalRecords(
    code="rights.closings",
    title=LocalizedText("注销账户的申请", "Requests to close the account"),
    collection="closings",
    person="resident_id",
    kept=_PROOF_OF_DEALING,
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "state": told("state", "状态", "State"),
        "requested_at": told("requested_at", "申请时间", "Requested at"),
        "effective_at": told("effective_at", "生效时间", "Takes effect at"),
        "due_at": told("due_at", "下次处理时间", "Looked at next"),
        "closed_at": told("closed_at", "账户注销时间", "Account closed at"),
        "settled_at": told("settled_at", "办结时间", "Settled at"),
    },
    newest_first="requested_at",
    purpose=LocalizedText("办理账户注销", "Closing your account"),
)
CORRECTIONS = PersonalRecords(
    code="rights.corrections",
    title=LocalizedText("更正申请", "Requests for correction"),
    collection="corrections",
    person="resident_id",
    kept=_PROOF_OF_DEALING,
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "field": told("field", "更正项", "Field"),
        "state": told("state", "状态", "State"),
        "value_sealed": told(
            "value", "您填写的内容", "What you say is right", opened("corrections", "value_sealed")
        ),
        "explanation_sealed": told(
            "explanation",
            "您的说明",
            "Your explanation",
            opened("corrections", "explanation_sealed"),
        ),
        "submitted_at": told("submitted_at", "提交时间", "Submitted at"),
        "decided_at": told("decided_at", "办结时间", "Settled at"),
        "reason": told("reason", "处理意见", "The clerk's reason"),
    },
    withheld={
        name: LocalizedText(
            "经办人的内部编号；机构见“谁用过我的信息”。",
            'The clerk\'s internal id; the organisation stands under "Who used my data".',
        )
        for name in ("submitted_by", "decided_by")
    },
    newest_first="submitted_at",
    purpose=LocalizedText("更正您的信息", "Correcting your data"),
    labels={
        label.IDENTITY: "value_sealed field",
        label.WORDS: "explanation_sealed reason",
        label.IDENTIFIER: "submitted_by decided_by",
    },
)
AUDIT = PersonalRecords(
    code="audit.rows",
    title=LocalizedText("操作日志（谁用过我的信息）", "Log of acts (who used my data)"),
    collection="audit_rows",
    person="subject",
    kept=LocalizedText(
        "依法保存不少于六个月，不删除（《网络安全法》第二十一条）。",
        "Six months at least by law, and not deleted (Cybersecurity Law, article 21).",
    ),
    told={
        "_id": told("id", "编号", "Id"),
        "subject": told("resident_id", "居民编号", "Resident id"),
        "at": told("at", "时间", "At"),
        "actor": told("actor", "操作者", "By whom", _actor),
        "action": told("action", "操作代码", "Act's code"),
        "words": told("words", "操作", "Act"),
        "organisation": told("organisation", "机构", "Organisation"),
        "system": told("system", "系统", "System"),
        "origin": told("origin", "来自", "From where"),
        "reason": told("reason", "事由", "Reason"),
        "result": told("result", "结果", "Result"),
        "disclosed": told("disclosed", "是否由他人使用", "Whether others used the data"),
        "mandate": told("mandate", "代办授权编号", "Mandate's id"),
    },
    withheld={
        "alert": LocalizedText(
            "安全核查标记；带此标记的行由审计员核查，不在副本内。",
            "A mark for the auditors; rows with it are under their review and not in the copy.",
        )
    },
    newest_first="at",
    # Both values named, so that the index keeps the order.
    matching={"disclosed": {"$in": [True, False]}, "alert": None},
    purpose=LocalizedText("记录谁用过您的信息", "Recording who used your data"),
    labels={
        label.LOG: "actor action words system organisation result origin alert",
        label.WORDS: "reason",
        label.IDENTIFIER: "subject mandate",
    },
)
PERSONAL = (NOTICES, CONSENTS, CLOSINGS, CORRECTIONS, AUDIT)

LEFT_OUT: dict[str, LocalizedText] = {
    "kept_answers": LocalizedText(
        "防止重复提交的应答，保存7天；只能按请求编号的散列值找到，不能按人查找。",
        "Answers kept for 7 days so that nothing is done twice; they can be found by a hash of the "
        "request only, and by no person.",
    ),
    "offline_records": LocalizedText(
        "预约和通票的加密副本，供场馆断网时核验，最多10天；没有您出示的码或卡，既打不开也找不到人。",
        "Sealed copies of bookings and passes for venues without a network, kept for 10 days at "
        "most; without the code or card you show they can neither be opened nor found by a person.",
    ),
    "scan_conflicts": LocalizedText(
        "由到访记录算出的闸机冲突：哪些闸机、何时、几人；到访记录本身在副本里。",
        "What gates let in that does not go together, computed from visits: gates, times, numbers. "
        "The visits themselves are in the copy.",
    ),
    "admission_claims": LocalizedText(
        "闸机联网核验刚放行、到访记录尚未上传的几分钟标记；到访记录本身在副本里。",
        "Marks of a few minutes that a gate was told to admit, until its visit is uploaded. "
        "The visits themselves are in the copy.",
    ),
    "sms_codes": LocalizedText(
        "短信验证码的散列值，最多保存一天。", "Hashes of codes sent by SMS, kept for a day at most."
    ),
    "sign_in_tries": LocalizedText(
        "尝试次数，只按散列值保存，最多一天。",
        "Counts of tries, stored under hashes only, for a day at most.",
    ),
    "shown_codes": LocalizedText(
        "身份核验时出示过的码的序号，只按散列值保存，最多一天。",
        "Counters of codes shown for identity assertions, under hashes only, for a day at most.",
    ),
    "staff": LocalizedText(
        "工作人员账户；如您是工作人员，请向所在机构申请。",
        "Accounts of staff; if you are staff, ask your organisation.",
    ),
}
"""Collections with data of persons that a copy does not hold, and why."""
