"""Every collection that is not told to residents in their copy: what for, how long, what in it.

What is told to them stands in the areas' `personal_data.py`; together they are the data catalogue
数据目录 (`python -m backend data-catalogue`), and a test finds whatever is in neither.
"""

from backend.foundation import data_labels as label
from backend.foundation.data_labels import HouseRecords
from shared.localized_text import LocalizedText

ALWAYS = LocalizedText("系统运行期间。", "As long as the system runs.")
USED = LocalizedText("使用期间；停用后留作记录。", "While in use, and afterwards on record.")
REPLACED = LocalizedText("到下一份名单为止。", "Until the next list.")
THREE_YEARS = LocalizedText(
    "三年以上，不自动删除（《个人信息保护法》第五十六条）。",
    "Three years and longer; not deleted by itself (PIPL, article 56).",
)
LOGGED = LocalizedText(
    "不少于六个月，不删除（《网络安全法》第二十一条）。",
    "Six months at least, and not deleted (Cybersecurity Law, article 21).",
)


def _days(number: int) -> LocalizedText:
    return LocalizedText(f"{number}天，到期自动删除。", f"{number} days, then deleted by itself.")


def _house(
    collection: str,
    words: tuple[str, str],
    kept: LocalizedText,
    labels: label.Labels | None = None,
    every: label.Label | None = None,
) -> HouseRecords:
    return HouseRecords(collection, LocalizedText(*words), kept, labels or {}, every)


KEYS = (
    _house(
        "data_keys",
        ("加密个人信息的密钥（已加密）", "Keys of personal data, wrapped"),
        ALWAYS,
        {label.SECRET: "wrapped", label.OPERATION: "algorithm kek"},
    ),
    _house(
        "staff",
        ("工作人员的账号和权限", "Accounts and posts of staff"),
        USED,
        {
            label.IDENTITY: "login name_sealed",
            label.PROOF: "person_index rights_proof",
            label.PUBLIC: "organisation organisation_zh organisation_en",
            label.STATE: "roles",
            label.SECRET: "password_hash totp_sealed totp_next_sealed recovery_hashes",
            label.OPERATION: "totp_step totp_request",
        },
    ),
    _house(
        "sms_codes",
        ("短信验证码", "Codes sent by SMS"),
        _days(1),
        {
            label.SECRET: "code_hash",
            label.IDENTIFIER: "resident_ids",
            label.PROOF: "used_by",
            label.OPERATION: "tries_left",
        },
    ),
    _house(
        "sign_in_tries",
        ("限制尝试次数", "Limits on tries"),
        _days(1),
        {label.OPERATION: "taken"},
        label.PROOF,
    ),
    _house(
        "kept_answers",
        ("防止重复提交", "Nothing is done twice"),
        _days(7),
        {label.PROOF: "request_hash", label.ACTIVITY: "answer"},
    ),
    _house(
        "shown_codes",
        ("每个码只用一次", "Each code counts once"),
        _days(1),
        {label.OPERATION: "counter"},
        label.PROOF,
    ),
)
LOG = (
    _house(
        "audit_links",
        ("发现被改动的日志", "Noticing changed rows of the log"),
        LOGGED,
        {label.PROOF: "prev hash"},
    ),
    _house(
        "audit_chain",
        ("日志链的位置", "Where the chain over the log ends"),
        ALWAYS,
        {label.PROOF: "hash", label.OPERATION: "seq holder place"},
    ),
    _house(
        "audit_verifications",
        ("日志校验的结果", "What checks of the log found"),
        LOGGED,
        {label.PROOF: "head", label.OPERATION: "seq words"},
    ),
    _house(
        "alert_acknowledgements",
        ("警报由谁处理", "Who looked at which alert"),
        LOGGED,
        {label.IDENTIFIER: "by"},
    ),
)
CARDS = (
    _house("holder_cursors", ("跟进居民变化的进度", "How far changes were followed"), ALWAYS),
    _house(
        "register_cursors",
        ("跟进人口库的进度", "How far the population register was followed"),
        ALWAYS,
        {label.OPERATION: "after"},
    ),
    _house(
        "loaded_populations",
        ("虚构人口（测试）", "Made-up population, for tests"),
        ALWAYS,
        {label.OPERATION: "seed loaded"},
    ),
    _house(
        "policies",
        ("电子卡权限表", "What an e-card may do"),
        ALWAYS,
        {label.PUBLIC: "allowed"},
    ),
    _house(
        "issuance_days",
        ("签发率", "The issuance rate"),
        USED,
        {label.PUBLIC: "day region cards ecards"},
    ),
    _house(
        "issuance_figures",
        ("签发率的基数和目标", "Figures of the issuance rate"),
        USED,
        {label.PUBLIC: "region counts_from value source"},
    ),
    _house(
        "status_lists",
        ("供读卡终端离线核验的状态名单", "Card states for readers"),
        USED,
        {label.CARD: "content"},
    ),
    _house(
        "card_functions",
        ("卡功能目录", "The registry of card functions"),
        USED,
        {label.PUBLIC: "owner zh en grant params"},
    ),
    _house(
        "function_lists",
        ("供读卡终端核验的功能名单", "Card functions for readers"),
        REPLACED,
        {label.CARD: "content", label.PROOF: "fingerprint", label.OPERATION: "epoch"},
    ),
    _house(
        "card_types",
        ("卡种目录", "The registry of card types"),
        USED,
        {label.PUBLIC: "owner zh en functions sunset"},
    ),
    _house(
        "card_type_violations",
        ("另发新卡的申请", "Attempts to issue cards that are merged"),
        USED,
        {label.PUBLIC: "card_type zh en owner functions", label.IDENTIFIER: "asked_by"},
    ),
    _house(
        "alliance_regions",
        ("跨地区服务的地区", "Regions that serve each other's cards"),
        USED,
        {label.PUBLIC: "name_en items", label.IDENTIFIER: "key_thumbprint"},
    ),
    _house(
        "qualified_outlets",
        ("可办跨地区业务的网点", "Outlets that serve cards of other regions"),
        USED,
        {label.PUBLIC: "items"},
    ),
    _house(
        "cross_region_counts",
        ("跨地区业务的办结数", "How many cases were settled"),
        USED,
        {label.PUBLIC: "done"},
    ),
    _house(
        "identity_items",
        ("身份核验事项", "Items for identity assertions"),
        USED,
        {label.PUBLIC: "department zh en fields"},
    ),
)
VENUES = (
    _house(
        "venues",
        ("场馆", "Venues"),
        USED,
        {
            label.PUBLIC: (
                "name region purpose lanes rules division address position capacity areas "
                "accessibility calendar open_spans spans_until terms"
            )
        },
    ),
    _house(
        "guides",
        ("服务指南", "Guides"),
        USED,
        {
            label.PUBLIC: "owner title who bring cost takes steps outlets",
            label.OPERATION: "version",
            label.IDENTIFIER: "reviewed_by",
        },
    ),
    _house(
        "pilots",
        ("试点", "Pilots"),
        USED,
        {label.PUBLIC: "venue title scope config state metrics promoted_to"},
    ),
    _house(
        "recognition_lists",
        ("地区互认清单", "What regions recognise, by the lists of both"),
        USED,
        {label.PUBLIC: "name own peer", label.OPERATION: "serial revision"},
    ),
    _house(
        "visit_queues",
        ("排队号计数", "How many queue numbers were given"),
        _days(180),
        {label.OPERATION: "given"},
    ),
    _house(
        "slot_plans",
        ("预约计划", "Plans of slots"),
        USED,
        {
            label.PUBLIC: (
                "venue code area title length_minutes capacity limit windows closes_minutes "
                "cancel_minutes planned_until ended"
            ),
            label.OPERATION: "revision generation",
        },
    ),
    _house(
        "slots",
        ("预约时段", "Slots"),
        _days(180),
        {
            label.PUBLIC: "plan venue area capacity limit free taken waiting why",
            label.OPERATION: "turns",
        },
    ),
    _house(
        "offline_sets",
        ("断网核验用的离线集", "Offline sets for venues"),
        _days(10),
        {label.SECRET: "salt card_key", label.OPERATION: "epoch took_seconds"},
    ),
    _house(
        "offline_records",
        ("断网核验用的预约和通票，逐卡加密", "Bookings and passes for venues, sealed card by card"),
        _days(10),
        {
            label.UNDER_SEAL: "sealed",
            label.PROOF: "series locator fingerprint",
            label.OPERATION: "venue epoch",
        },
    ),
    _house(
        "pass_products",
        ("通票产品", "Kinds of passes"),
        USED,
        {
            label.PUBLIC: (
                "name venues terms on_sale uses valid_days season blackouts quota per_holder "
                "refund_days"
            )
        },
    ),
    _house(
        "pass_stocks", ("通票余量", "How many passes were taken"), USED, {label.PUBLIC: "taken"}
    ),
    _house(
        "voucher_programmes",
        ("培训券项目", "Voucher programmes"),
        USED,
        {
            label.PUBLIC: (
                "name value_fen course_types valid_days hold_days least_percent quota issued"
            )
        },
    ),
    _house(
        "terminals",
        ("场馆的读卡终端", "Venues' readers"),
        USED,
        {
            label.SECRET: "token_hash",
            label.IDENTIFIER: "thumbprint",
            label.OPERATION: (
                "venue_number name host version journal_faults journal_last health wipe"
            ),
        },
    ),
    _house(
        "service_windows",
        ("大厅窗口的读卡、扫码设备", "Readers and scanners at the windows of halls"),
        USED,
        {label.OPERATION: "hall number required devices"},
    ),
    _house(
        "key_carriers",
        ("PSAM等密钥载体在何处", "Which PSAM is where"),
        USED,
        {label.OPERATION: "serial key_version custodian location terminals revision offered_to"},
    ),
    _house(
        "key_carrier_events",
        ("密钥载体的交接记录", "What happened to key carriers"),
        USED,
        {label.OPERATION: "revision custodian location terminals"},
    ),
    _house(
        "scan_conflicts",
        ("互相矛盾的验票", "Scans that do not go together"),
        _days(180),
        {
            label.WHEREABOUTS: "rows venues",
            label.PROOF: "subject",
            label.STATE: "kind state",
            label.OPERATION: "revision",
            label.IDENTIFIER: "acknowledged_by",
            label.WORDS: "note",
        },
        label.WHEREABOUTS,
    ),
    _house(
        "admission_claims",
        ("两个闸机同时核验只放行一次", "Two gates that ask at once admit once"),
        _days(1),
        {label.WHEREABOUTS: "claims", label.OPERATION: "revision"},
        label.WHEREABOUTS,
    ),
)
VALUE = (
    _house(
        "satisfaction_counts",
        ("各场馆每月的满意度计数，不含个人", "Satisfaction by venue and month, of nobody"),
        ALWAYS,
        {label.OPERATION: "counts"},
    ),
    _house(
        "exam_sessions",
        ("考试场次", "Sessions of examinations"),
        USED,
        {
            label.PUBLIC: "owner name venue seats early_minutes late_minutes registration",
            label.OPERATION: "taken registered",
        },
    ),
    _house(
        "value_groups",
        ("场馆储值项目", "Stored value of venues"),
        USED,
        {label.PUBLIC: "name venues prices terms"},
    ),
)
LIBRARY = (
    _house("libraries", ("图书馆", "Libraries"), USED, {label.PUBLIC: "name region venue"}),
    _house("library_policies", ("借阅规则", "Terms of lending"), USED, {label.PUBLIC: "terms"}),
    _house(
        "library_titles",
        ("书目", "Titles"),
        USED,
        {
            label.PUBLIC: "name author publisher year isbn class_number grams",
            label.OPERATION: "revision place",
        },
    ),
    _house(
        "library_copies",
        ("馆藏和流转", "Copies and where they are"),
        USED,
        {
            label.PUBLIC: "title home at to replacement_fen",
            label.IDENTIFIER: "loan last_loan hold",
            label.OPERATION: "revision",
        },
    ),
    _house(
        "sip2_terminals",
        ("自助借还机", "Self-service machines"),
        USED,
        {label.OPERATION: "library", label.SECRET: "secret"},
    ),
)
SHARING = (
    _house(
        "data_consumers",
        ("可请求共享数据的系统", "Systems that may ask for data"),
        USED,
        {label.PUBLIC: "zh en", label.IDENTIFIER: "thumbprint"},
    ),
    _house(
        "sharing_agreements",
        ("数据共享协议", "Sharing agreements"),
        THREE_YEARS,
        {
            label.PUBLIC: (
                "provider consumer fields purpose purpose_words basis_words consent_purpose "
                "transfer per_day per_minute"
            ),
            label.OPERATION: "version reason",
            label.IDENTIFIER: "agreement assessment proposed_by decided_by",
        },
    ),
    _house(
        "sharing_counts",
        ("限制共享的频次", "Limits on calls"),
        _days(2),
        {label.OPERATION: "calls"},
    ),
    _house(
        "inbox_messages",
        ("接收方系统的消息", "Messages of consumers' systems"),
        USED,
        {
            label.OPERATION: "number content outcome",
            label.IDENTIFIER: "sender",
            label.PROOF: "content_hash",
        },
    ),
    _house(
        "inbox_cursors",
        ("消息处理到第几条", "How far messages were applied"),
        ALWAYS,
        {label.OPERATION: "awaits turns"},
    ),
    _house(
        "visit_days",
        ("到访统计，每格不少于十人", "Visits as numbers, ten people at least behind each"),
        USED,
        {label.PUBLIC: "venues others total"},
    ),
    _house(
        "impact_assessments",
        ("个人信息保护影响评估", "Impact assessments"),
        THREE_YEARS,
        {
            label.OPERATION: "title kinds items necessity impact measures reason",
            label.IDENTIFIER: "recorded_by withdrawn_by",
        },
    ),
)
HOUSE_DATA = (*KEYS, *LOG, *CARDS, *VENUES, *VALUE, *LIBRARY, *SHARING)
