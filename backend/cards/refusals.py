"""Every "no" of the cards area: its name, words and next step."""

from backend.foundation.refusals import Refusal, refusal

_OUTLET = ("请到社保卡服务网点办理。", "Go to a card service outlet.")
_REPLACE = ("请申请补换新卡。", "Ask for a replacement.")

# The card's state forbids it.
NO_CARD = refusal(
    "no_card",
    ("您还没有社保卡。", "There is no card yet."),
    ("请先申领。", "Apply for one first."),
)
CARD_NOT_IN_USE = refusal(
    "card_not_in_use",
    ("这张卡目前不能使用。", "This card is not in use at present."),
    ("请持卡人到网点查询或补换。", "Its holder asks about it, or for a new one, at an outlet."),
)
NO_GROUND = refusal(
    "no_ground",
    (
        "没有有效的持卡资格（户籍、居住证、就业、就学或参保）。",
        "There is no ground for the card: household, residence, work, study or insurance.",
    ),
    ("请带证明材料到网点登记。", "Bring the paper that shows one to an outlet."),
)
CARD_IN_PRODUCTION = refusal(
    "card_in_production",
    ("卡正在制作。", "The card is being made."),
    ("制好后会通知领取。", "You will be told when it can be collected."),
)
CARD_NOT_COLLECTED = refusal(
    "card_not_collected",
    ("卡已制好，尚未领取启用。", "The card is made and not yet collected."),
    ("请本人到网点领取并启用。", "Collect it at the outlet and have it enabled."),
)
CARD_ENABLED = refusal(
    "card_enabled",
    ("这张卡已经启用。", "This card is enabled already."),
    ("不需要再办。", "Nothing more is needed."),
)
CARD_SUSPENDED = refusal(
    "card_suspended",
    ("这张卡已临时挂失。", "This card is suspended."),
    ("找到卡后请解除挂失，再试一次。", "Once you have found the card, lift the suspension."),
)
NOT_SUSPENDED = refusal(
    "card_not_suspended",
    ("这张卡没有挂失。", "This card is not suspended."),
    ("不需要解挂。", "There is nothing to lift."),
)
CARD_LOST = refusal(
    "card_lost", ("这张卡已正式挂失。", "This card was reported lost for good."), _REPLACE
)
LOSS_IS_FINAL = refusal(
    "loss_is_final",
    ("正式挂失后不能解挂。", "A card reported lost for good cannot be restored."),
    _REPLACE,
)
CARD_REPLACED = refusal(
    "card_replaced",
    ("这张卡已由新卡替换。", "A new card has taken this card's place."),
    ("请使用新卡。", "Use the new card."),
)
CARD_EXPIRED = refusal("card_expired", ("这张卡已过有效期。", "This card has expired."), _REPLACE)
CARD_CANCELLED = refusal(
    "card_cancelled",
    ("这张卡已注销。", "This card was cancelled."),
    ("如需用卡，请重新申领。", "Apply for a new one if you need it."),
)
REPLACE_INSTEAD = refusal(
    "replace_instead",
    ("您有过社保卡，应办理补卡。", "You had a card before; it is replaced, not applied for."),
    _REPLACE,
)
CARD_EXISTS = refusal(
    "card_exists",
    ("这位居民已有一张有效的卡。", "This resident already has a valid card."),
    ("请先注销或更换原卡。", "Revoke or replace that card first."),
)
CARD_UNKNOWN = refusal(
    "card_unknown",
    ("没有这张卡。", "There is no such card."),
    ("请核对卡的编号。", "Check the card's id."),
)
CARD_OF_ANOTHER = refusal(
    "card_of_another",
    (
        "这部手机绑定的是别人的卡，不是登录人的卡。",
        "This phone shows another person's card, not that of who is signed in.",
    ),
    (
        "请持卡人本人登录，或用自己的手机办理。",
        "Let the card's holder sign in, or use your own phone.",
    ),
)
CARD_IN_USE = refusal(
    "card_digest_in_use",
    ("这张实体卡已登记在其他记录上。", "This physical card is registered elsewhere."),
    ("请核对卡识别码。", "Check the card's identification code."),
)

# The one who asks, or what came with the wish, forbids it.
AT_AN_OUTLET = refusal(
    "at_an_outlet",
    ("这项业务须在网点办理。", "This is done at an outlet."),
    ("请本人带身份证到网点。", "Go there in person with your identity card."),
)
SYSTEM_ONLY = refusal(
    "system_only",
    ("这一步由系统完成。", "The system does this step."),
    ("请等待系统处理。", "Wait for the system."),
)
CARD_NOT_IN_HAND = refusal(
    "card_not_in_hand",
    ("这项业务要带实体卡。", "The physical card is needed."),
    ("请带卡到网点办理。", "Bring the card to an outlet."),
)
REASON_MISSING = refusal(
    "replacement_reason_missing",
    ("没有说明换卡原因。", "The reason for the replacement is missing."),
    ("请选择遗失、损坏、换代或到期。", "Choose lost, damaged, generation or expiring."),
)
REPORT_LOSS_FIRST = refusal(
    "report_loss_first",
    ("卡还没有正式挂失。", "The card is not reported lost."),
    ("请先正式挂失，再补卡。", "Report it lost first."),
)
NEWEST_ALREADY = refusal(
    "newest_generation",
    ("这张卡已是第三代。", "This card is of the third generation already."),
    ("不需要换代。", "There is nothing to replace."),
)
NOT_EXPIRED = refusal(
    "card_not_expired",
    ("这张卡还没有到期。", "This card has not expired."),
    ("请继续使用。", "It can still be used."),
)
NUMBER_NOT_KEPT = refusal(
    "number_not_kept",
    ("制出的卡号与应保留的卡号不同。", "The card made has another number than the one kept."),
    ("请按原卡号重新制卡。", "Make the card again with the kept number."),
)
NUMBER_FORM = refusal(
    "card_number_form",
    ("卡号应为9位数字或大写字母。", "A card number has 9 digits or capital letters."),
    ("请对照卡面重新输入。", "Check the card and enter it again."),
)

# PIN.
PIN_FORM = refusal(
    "pin_form",
    ("密码应为6位数字，且不能是同一数字或顺序数字。", "A PIN has 6 digits, no run or repeat."),
    ("请换一个密码。", "Choose another PIN."),
)
PIN_WRONG = refusal(
    "pin_wrong", ("密码不对。", "The PIN is wrong."), ("请再试一次。", "Try again.")
)
PIN_LOCKED = refusal(
    "pin_locked", ("密码输错次数过多，已锁定。", "Too many wrong PINs: it is locked."), _OUTLET
)
PIN_NOT_SET = refusal("pin_not_set", ("这张卡还没有密码。", "This card has no PIN."), _OUTLET)
PIN_WORN_OUT = refusal(
    "pin_worn_out",
    ("这张卡的密码解锁次数已用完。", "This card's PIN cannot be unlocked again."),
    _REPLACE,
)

# Phones.
HOLDER_ABSENT = refusal(
    "holder_not_resident",
    ("持卡人信息不再有效。", "The holder's record is no longer in force."),
    _OUTLET,
)
HOLDER_DIED = refusal(
    "holder_died",
    ("人口库登记持卡人已去世。", "The population register says that the holder has died."),
    (
        "如登记有误，请先到公安机关更正；注销请到网点办理。",
        "If that is wrong, have it corrected by the police; an outlet cancels the card.",
    ),
)
DEVICE_UNKNOWN = refusal(
    "device_unknown",
    ("这部手机还没有激活。", "This phone is not activated."),
    ("请用激活码激活。", "Activate it with an activation code."),
)
DEVICE_UNBOUND = refusal(
    "device_unbound",
    ("这部手机已解除绑定。", "This phone is no longer bound to the card."),
    ("请用新的激活码重新激活。", "Activate it again with a new code."),
)
DEVICE_UNVERIFIED = refusal(
    "device_unverified",
    ("这部新手机还没有核验本人。", "The holder has not been verified on this new phone."),
    ("请刷脸或输入激活码后再出示。", "Have your face checked or enter an activation code."),
)
DEVICE_VERIFIED = refusal(
    "device_verified",
    ("这部手机已经核验过。", "This phone is verified already."),
    ("可以直接使用。", "It can be used."),
)
FACE_DIFFERENT = refusal(
    "face_different",
    ("人脸比对没有通过。", "The face check did not match."),
    ("请正对光线再试，或改用激活码。", "Face the light and try again, or use a code."),
)
FACE_CONSENT_NEEDED = refusal(
    "consent_needed",
    ("刷脸核验需要您的单独同意。", "The face check needs your separate consent."),
    (
        "请在“我的权利”中同意“用人脸核验启用新手机”；不同意可到网点核验，领取激活码。",
        'Give it under "My rights", or go to an outlet, which checks your document and hands out '
        "an activation code.",
    ),
)
DOCUMENT_UNCHECKED = refusal(
    "document_unchecked",
    ("还没有核对本人证件。", "The holder's document has not been checked."),
    ("请核对证件与本人后再生成激活码。", "Compare the document with the person first."),
)
TOO_MANY_DEVICES = refusal(
    "too_many_devices",
    ("这张卡绑定的手机已达上限。", "This card has as many phones as it may have."),
    ("请先解除一部不用的手机。", "Unbind a phone you no longer use."),
)
KEY_IN_USE = refusal(
    "device_key_in_use",
    ("这部手机的密钥已被使用。", "This phone's key is already in use."),
    ("请重新安装应用后再激活。", "Install the app anew and activate it again."),
)
CODE_WRONG = refusal(
    "enrolment_code_wrong",
    ("激活码不对、已用过或已过期。", "The code is wrong, used or expired."),
    ("请核对10位数字，或申请新的激活码。", "Check the 10 digits, or ask for a new code."),
)
TOO_MANY_TRIES = refusal(
    "too_many_tries",
    ("输错次数过多。", "There were too many wrong tries."),
    ("请一分钟后再试。", "Wait a minute and try again."),
)
DEVICE_NAME_FORM = refusal(
    "device_name_form",
    ("手机名称应为1至40个字。", "A phone's name has 1 to 40 characters."),
    ("请换一个名称。", "Choose another name."),
)

# Concessions.
ATTESTATION_FORM = refusal(
    "attestation_form",
    ("优待资格的单位或有效期不对。", "The attestation's issuer or its dates are wrong."),
    ("请核对证明材料后重新录入。", "Check the paper and enter it again."),
)

# The issuance rate.
FIGURE_FORM = refusal(
    "figure_form",
    (
        "人数应为1至1亿，目标应为1至1000（千分数），并须写明来源。",
        "People are 1 to 100 million, a target 1 to 1000 per mille, and the source is named.",
    ),
    ("请核对后重新录入。", "Check the figure and enter it again."),
)
DAYS_FORM = refusal(
    "days_form",
    ("起止日期不对，最多366天。", "The days are not in order, or more than 366."),
    ("请核对起止日期。", "Check the first and the last day."),
)

# The e-card policy.
NOT_GRANTED = refusal(
    "ecard_not_granted",
    ("本市暂未开放电子卡的这项功能。", "The city has not opened this use of the e-card."),
    ("请使用实体卡。", "Use the physical card."),
)
POLICY_FORM = refusal(
    "ecard_policy_form",
    ("电子卡权限表格式不对。", "The e-card policy is not well formed."),
    ("每项须写明对每种卡状态是否允许。", "Say yes or no for each action and each state."),
)
POLICY_TOO_WIDE = refusal(
    "ecard_policy_too_wide",
    (
        "已补换、已注销或未启用的卡不能授予权限。",
        "A card that is replaced, cancelled or not enabled has no rights.",
    ),
    ("请去掉这些授权。", "Take these rights out."),
)

# Codes on paper.
PAPER_UNKNOWN = refusal(
    "paper_code_unknown",
    ("没有这张纸质码。", "There is no such paper code."),
    ("请刷新列表后再试。", "Load the list again and try again."),
)
PAPER_PAST_MANDATE = refusal(
    "paper_past_mandate",
    (
        "委托在那天结束前就到期，不能打印那天的纸质码。",
        "The mandate ends before that day does, so no code for it is put on paper.",
    ),
    ("请先续期委托，或由本人打印。", "Renew the mandate first, or have the holder print it."),
)


def paper_day(ahead: int) -> Refusal:
    """Return the refusal of a day that is over or too far ahead for a code on paper."""
    return refusal(
        "paper_day",
        (
            f"纸质码只能打印今天{f'起 {ahead} 天内' if ahead else ''}的。",
            f"A paper code is for today{f' or the next {ahead} days' if ahead else ''} only.",
        ),
        ("请换一天，或当天再打印。", "Choose another day, or print it on the day."),
    )


def paper_prints(most: int) -> Refusal:
    """Return the refusal of one more print for the same day."""
    return refusal(
        "paper_prints",
        (f"这一天的纸质码已打印 {most} 次。", f"It was printed {most} times for that day."),
        ("请用最新打印的一张，或出示实体卡。", "Use the newest print, or the physical card."),
    )


def too_early(days: int) -> Refusal:
    """Return the refusal of a renewal asked for more than `days` days before the card's end."""
    return refusal(
        "renewal_too_early",
        (f"到期前{days}天内才能换卡。", f"A card is renewed in the last {days} days."),
        ("请临近到期时再办。", "Ask again when its end is near."),
    )
