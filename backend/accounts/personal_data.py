"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PROOF, PersonalRecords, told
from shared.localized_text import LocalizedText

ACCOUNT = PersonalRecords(
    code="accounts.account",
    title=LocalizedText("登录账户", "Account"),
    collection="accounts",
    person="_id",
    kept=LocalizedText("到注销账户为止。", "Until the account is closed."),
    told={
        "_id": told("id", "居民编号", "Resident id"),
        "password_set_at": told("password_set_at", "密码设置时间", "Password set at"),
    },
    withheld={"password_hash": PROOF},
    purpose=LocalizedText("登录", "Signing in"),
    labels={
        label.SECRET: "password_hash",
    },
)
SESSIONS = PersonalRecords(
    code="accounts.sessions",
    title=LocalizedText("登录记录", "Sign-ins"),
    collection="sessions",
    person="subject",
    kept=LocalizedText(
        "到期后180天（《网络安全法》要求日志不少于六个月）。",
        "180 days after its end (the Cybersecurity Law asks for six months of logs).",
    ),
    told={
        "_id": told("id", "编号", "Id"),
        "subject": told("resident_id", "居民编号", "Resident id"),
        "device_name": told("device_name", "设备名称", "Device"),
        "thumbprint": told("thumbprint", "设备公钥指纹", "Thumbprint of the device's key"),
        "method": told("method", "登录方式", "Way of signing in"),
        "roles": told("roles", "岗位", "Posts"),
        "organisation": told("organisation", "机构代码", "Organisation's code"),
        "organisation_zh": told("organisation_zh", "机构（中文）", "Organisation (Chinese)"),
        "organisation_en": told("organisation_en", "机构（英文）", "Organisation (English)"),
        "started_at": told("started_at", "登录时间", "Signed in at"),
        "renewed_at": told("renewed_at", "最近续期时间", "Last renewed at"),
        "expires_at": told("expires_at", "到期时间", "Ends at"),
        "ended_at": told("ended_at", "结束时间", "Ended at"),
        "end": told("end", "结束原因", "Why it ended"),
    },
    withheld={"refresh_hash": PROOF, "previous_hash": PROOF, "renewal_key": PROOF},
    newest_first="renewed_at",
    purpose=LocalizedText(
        "保持登录，发现被盗用的登录", "Staying signed in, and noticing stolen sign-ins"
    ),
    labels={
        label.IDENTIFIER: "subject thumbprint",
        label.CONTACT: "device_name",
        label.STATE: "roles",
        label.PUBLIC: "organisation organisation_zh organisation_en",
        label.SECRET: "refresh_hash previous_hash renewal_key",
    },
)
PERSONAL = (ACCOUNT, SESSIONS)
