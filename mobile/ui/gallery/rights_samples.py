"""Notices, purposes and what else a resident may meet under their rights, made up."""
# ruff: noqa: E501, the notices are as long as notices are

from datetime import timedelta

from mobile.core.closing import ClosingRequest, ClosingTerms, KeptRecord
from mobile.core.consent import Purpose, Receipt
from mobile.core.correction import Correction
from mobile.core.privacy_notice import NoticesRead, PrivacyNotice, Scene
from mobile.core.trouble import Trouble
from mobile.ui.gallery.samples import NOW
from shared.localized_text import LocalizedText

NOTICES_READ = NoticesRead(
    (
        PrivacyNotice(
            "ecard",
            Scene.ECARD,
            2,
            "2026-11-22",
            LocalizedText(
                "电子社保卡亮码与刷卡记录告知书",
                "Notice about showing your code and reading your card at venues",
            ),
            LocalizedText(
                "一、谁在处理：发行本市一卡通的人力资源社会保障部门；您出示电子社保卡或社保卡的场馆核验您的卡。\n二、为了什么：确认卡有效，确认您可以入场，以及是否享受优待；防止同一张码被重复使用。\n三、哪些信息：场馆、通道、时间、核验结果。这些信息属于行踪信息，是敏感个人信息；不记录就无法核验入场。\n四、场馆看到什么：是否可以入场，年龄段和优待类别；看不到您的姓名和证件号码。\n五、保存多久：每次核验的记录保存180天，到期自动删除。\n六、您的权利：每条记录您都可以在“到访记录”和“谁用过我的信息”中看到，并可以复制。",
                '1. Who: the city\'s human resources and social security department, which issues the city card; the venue where you show your code or card checks it.\n2. What for: to confirm that the card is valid, that you may enter, and whether a concession applies; and to stop one code from being used twice.\n3. Which data: venue, lane, time and result. They tell where you were and are sensitive; without recording them, entry cannot be checked.\n4. What the venue sees: whether you may enter, your age band and kind of concession; neither your name nor your ID number.\n5. How long: the record of each check for 180 days, after which it is deleted by itself.\n6. Your rights: you see each record under "Visits" and "Who used my data", and may copy it.',
            ),
        ),
        PrivacyNotice(
            "platform",
            Scene.SIGN_IN,
            2,
            "2026-11-22",
            LocalizedText(
                "一卡通个人信息处理规则", "How the city card handles personal information"
            ),
            LocalizedText(
                "一、谁在处理：发行本市一卡通的人力资源社会保障部门，通过一卡通平台处理您的个人信息。\n二、为了什么：核实您的身份，发行和管理社会保障卡与电子社保卡，让您登录和管理自己的设备。\n三、哪些信息：姓名、证件号码、出生日期、手机号码、社保卡号与卡状态、已绑定手机的名称和公钥、登录记录。\n四、保存多久：登记信息在您是本市持卡人期间保存；已结束的登录保存180天；操作日志依法保存不少于六个月。\n五、怎样保护：姓名、号码加密保存，默认隐去部分内容显示；每次由他人查阅都留下记录，您可以在“谁用过我的信息”中看到。\n六、您的权利：可以查阅、复制、更正您的信息，可以撤回单独同意，可以要求解释本规则；在应用的“我的权利”中办理，或到服务网点办理。\n七、不需要的不收：您不同意提供非必需的信息，不影响社保卡和电子社保卡的使用。",
                '1. Who: the city\'s human resources and social security department, which issues the city card, handles your personal information on the city card platform.\n2. What for: to verify who you are, to issue and manage your social security card and electronic card, and to let you sign in and manage your own devices.\n3. Which data: name, ID number, birth date, phone number, card number and card state, names and public keys of bound phones, sign-ins.\n4. How long: your record as long as you hold the city\'s card; ended sign-ins for 180 days; logs of acts for six months at least, as the law asks.\n5. How it is protected: name and numbers are stored encrypted and shown masked; every time somebody else reads them is recorded, and you see it under "Who used my data".\n6. Your rights: to see, copy and correct your information, to withdraw a separate consent, to have these rules explained; under "My rights" in the app, or at a service outlet.\n7. Nothing unneeded: if you do not agree to give what is not required, your card and electronic card work all the same.',
            ),
        ),
    ),
    {"platform": 0},
)
PURPOSES = (
    Purpose(
        "face_check",
        1,
        LocalizedText("用人脸核验启用新手机", "Verifying a new phone by your face"),
        LocalizedText(
            "新手机第一次亮码前要确认是您本人。不同意也可以：到服务网点领取激活码即可启用。",
            "Before a new phone first shows your code, we must be sure it is you. You need not agree: an activation code from a service outlet does the same.",
        ),
        LocalizedText(
            "人脸是敏感个人信息。照片只用于当次比对，比对后不保存，只记录是否通过。",
            "Your face is sensitive information. The picture is compared once and not kept; only whether it matched is recorded.",
        ),
        (LocalizedText("现场拍摄的人脸照片", "a picture of your face taken then"),),
        LocalizedText("人口库人脸核验服务", "Face check of the population register"),
        365,
        consented=True,
    ),
    Purpose(
        "health_records",
        1,
        LocalizedText(
            "查询电子健康档案和疫苗接种信息", "Looking up your health records and vaccinations"
        ),
        LocalizedText(
            "在一卡通应用中显示您的健康档案，需要凭您的身份向卫生健康部门查询。不同意也可以：其他服务照常使用。",
            "To show your health records in the app, we ask the health department for them in your name. You need not agree: all other services work as before.",
        ),
        LocalizedText(
            "医疗健康信息是敏感个人信息。只在您打开该页面时查询，平台不保存查询结果。",
            "Health information is sensitive. It is asked for only when you open that page, and the platform does not keep the answer.",
        ),
        (
            LocalizedText(
                "姓名和证件号码（发给卫生健康部门）",
                "name and ID number (sent to the health department)",
            ),
            LocalizedText("电子健康档案", "electronic health records"),
            LocalizedText("疫苗接种记录", "vaccinations"),
        ),
        LocalizedText("市卫生健康委员会", "Municipal health commission"),
        180,
        consented=False,
    ),
)
RECEIPTS = (
    Receipt(
        "2",
        "face_check",
        PURPOSES[0].title,
        NOW - timedelta(days=3),
        NOW + timedelta(days=362),
        None,
    ),
    Receipt(
        "1",
        "health_records",
        PURPOSES[1].title,
        NOW - timedelta(days=400),
        NOW - timedelta(days=220),
        NOW - timedelta(days=390),
    ),
)

CLOSING_REQUEST = ClosingRequest(NOW, NOW + timedelta(days=15))
CLOSING_TERMS = ClosingTerms(
    (
        LocalizedText(
            "登录密码、账户和全部登录状态", "Your password, your account and every sign-in"
        ),
        LocalizedText("手机号码", "Your phone number"),
        LocalizedText(
            "手机上的电子社保卡：绑定解除，二维码失效",
            "The e-card on your phones: they are unbound and their codes are refused",
        ),
        LocalizedText("单独同意：全部终止", "Your separate consents: all of them end"),
        LocalizedText("更正申请的内容", "What you wrote in requests for correction"),
    ),
    (
        KeptRecord(
            LocalizedText(
                "登记信息：姓名、曾用名、证件号码、出生日期、卡号、优待身份证明",
                "Your record: name, former names, ID number, birth date, card numbers and attestations",
            ),
            LocalizedText(
                "《个人信息保护法》第十三条第一款第三项、第四十七条第二款：您的社会保障卡仍有效，发卡机构依法须保存持卡人信息。",
                "Personal Information Protection Law, articles 13(1)(3) and 47(2): your social security card counts, and its issuer must keep its holder's record.",
            ),
            LocalizedText(
                "到卡注销、挂失或到期为止，随后自动清除。",
                "Until the card is cancelled, lost or expired; erased by itself afterwards.",
            ),
        ),
        KeptRecord(
            LocalizedText(
                "操作日志和登录记录：谁在何时办理了什么，不含姓名和号码",
                "The log of acts and sign-ins: who did what and when, without names and numbers",
            ),
            LocalizedText(
                "《网络安全法》：网络日志留存不少于六个月。",
                "Cybersecurity Law: network logs are kept for six months at least.",
            ),
            LocalizedText(
                "登录记录到期后180天；操作日志不删除。",
                "Sign-ins for 180 days after their end; the log of acts is not deleted.",
            ),
        ),
        KeptRecord(
            LocalizedText(
                "卡业务记录和已失效卡的序号：不含姓名和号码，用于拒收已失效的卡",
                "The events of your cards and the indexes of ended cards, without names and numbers: readers refuse ended cards by them",
            ),
            LocalizedText(
                "《个人信息保护法》第十三条第一款第三项；社会保障卡管理和档案规定。",
                "Personal Information Protection Law, article 13(1)(3); the rules on social security cards and on archives.",
            ),
            LocalizedText("按档案保存期限。", "As long as the rules on archives ask."),
        ),
        KeptRecord(
            LocalizedText(
                "到访记录：只有随机编号，不含姓名", "Visits, by random numbers, without names"
            ),
            LocalizedText(
                "《网络安全法》：网络日志留存不少于六个月。",
                "Cybersecurity Law: network logs are kept for six months at least.",
            ),
            LocalizedText("180天，到期自动删除。", "180 days, then deleted by themselves."),
        ),
        KeptRecord(
            LocalizedText(
                "已告知、已同意的证明，和本次注销、更正申请的办理结果：不含姓名和号码",
                "Proof of what you were told and agreed to, and how this closing and your corrections ended, without names and numbers",
            ),
            LocalizedText(
                "《个人信息保护法》第六十九条：处理者须证明自己没有过错。",
                "Personal Information Protection Law, article 69: we must be able to prove that we were not at fault.",
            ),
            LocalizedText(
                "作为证明保存，只能按随机编号找到。", "Kept as proof, found by random numbers only."
            ),
        ),
    ),
    15,
    None,
)
COPIES_TOO_OFTEN = Trouble(
    "copies_too_often",
    LocalizedText("副本获取过于频繁。", "Copies were asked for too often."),
    LocalizedText("请在15:30后再试。", "Try again after 15:30 (Beijing time)."),
)

CORRECTIONS = (
    Correction("3", "NAME", "SUBMITTED", NOW - timedelta(days=1), None),
    Correction(
        "2",
        "NUMBER",
        "DECLINED",
        NOW - timedelta(days=30),
        LocalizedText(
            "与人口库不一致，请带身份证到网点。",
            "It differs from the register: bring your identity card.",
        ),
    ),
    Correction("1", "BIRTH", "ACCEPTED", NOW - timedelta(days=400), None),
)
