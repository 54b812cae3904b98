"""Every "no" about training vouchers: its name, words and next step."""

from backend.foundation.refusals import refusal

_RELOAD = ("请刷新后重新选择。", "Load the list again and choose from it.")

PROGRAMME_UNKNOWN = refusal(
    "voucher_programme_unknown", ("没有这个培训券项目。", "There is no such programme."), _RELOAD
)
PROGRAMME_FORM = refusal(
    "voucher_programme_form",
    ("培训券项目设置不完整。", "The programme is not described as a whole."),
    ("请检查面值、课程类别和有效期。", "Check value, course types and validity."),
)
PROGRAMME_CLOSED = refusal(
    "voucher_programme_closed",
    ("该项目已停止发券，或额度已用完。", "The programme gives out no more vouchers."),
    ("请关注下一期。", "Wait for the next one."),
)
VOUCHER_HELD = refusal(
    "voucher_held",
    ("本人在该项目已领过培训券。", "This person had a voucher of this programme already."),
    ("每人每个项目一张。", "There is one a person and programme."),
)
VOUCHER_UNKNOWN = refusal(
    "voucher_unknown", ("没有这张培训券。", "There is no such voucher."), _RELOAD
)
VOUCHER_EXPIRED = refusal(
    "voucher_expired",
    ("培训券不在有效期内。", "The voucher is not valid today."),
    ("请关注下一期。", "Wait for the next programme."),
)
VOUCHER_REVOKED = refusal(
    "voucher_revoked",
    ("培训券已撤销。", "The voucher was revoked."),
    ("如有疑问，请联系发券部门。", "Ask the department that issued it."),
)
COURSE_FORM = refusal(
    "voucher_course_form",
    ("课程编号格式不对。", "The course's number has a wrong form."),
    ("请核对培训机构的课程编号。", "Check the provider's number of the course."),
)
COURSE_TYPE = refusal(
    "voucher_course_type",
    ("该培训券不适用于这类课程。", "The voucher is not for this type of course."),
    ("请选择券面列出的课程类别。", "Choose one of the types it names."),
)
COURSE_DATE = refusal(
    "voucher_course_date",
    ("开课日期不在培训券有效期内。", "The course does not begin while the voucher is valid."),
    ("请选择其他班次。", "Choose another course."),
)
PROVIDER_UNKNOWN = refusal(
    "voucher_provider_unknown",
    ("没有这家培训机构。", "There is no such provider."),
    ("请重新选择培训机构。", "Choose the provider again."),
)
NOT_RESERVED = refusal(
    "voucher_not_reserved",
    ("该培训券没有预约课程。", "The voucher is not reserved for a course."),
    ("请先预约课程。", "Reserve a course first."),
)
RESERVATION_LAPSED = refusal(
    "voucher_reservation_lapsed",
    ("预约未按时确认，已释放。", "The reservation was not confirmed in time."),
    ("请重新预约课程。", "Reserve the course again."),
)
ALREADY_RESERVED = refusal(
    "voucher_reserved",
    ("该培训券已预约课程。", "The voucher is reserved for a course."),
    ("如要改报，请先取消原预约。", "Cancel that reservation first."),
)
ALREADY_CONFIRMED = refusal(
    "voucher_confirmed",
    ("已确认报名。", "The enrolment is confirmed."),
    ("如要退出，请联系培训机构。", "Ask the provider to take it back."),
)
ALREADY_SETTLED = refusal(
    "voucher_settled",
    ("该培训券已核销。", "The voucher was settled."),
    ("一张券只能使用一次。", "A voucher is used once."),
)
VOUCHER_CHANGED = refusal(
    "voucher_changed",
    ("培训券状态刚刚变动。", "The voucher has just changed."),
    ("请刷新后再办理。", "Load it again and try once more."),
)
HOURS_FORM = refusal(
    "voucher_hours",
    ("课时应为0至计划课时。", "The hours attended are from 0 to the hours planned."),
    ("请核对考勤记录。", "Check the record of attendance."),
)
NOT_THEIRS = refusal(
    "voucher_other_course",
    ("课程与预约不一致。", "This is not the course it is reserved for."),
    ("请核对课程编号。", "Check the course's number."),
)
