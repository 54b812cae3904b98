"""Words of binding this phone and of signing in."""

from shared.localized_text import LocalizedText

TEXTS = {
    # enrolment
    "enrol.lead": LocalizedText("请输入 10 位激活码", "Enter your 10-digit activation code"),
    "enrol.where": LocalizedText(
        "激活码在社保卡服务网点领取，15 分钟内有效。",
        "Card service outlets give you the code. It is valid for 15 minutes.",
    ),
    "enrol.submit": LocalizedText("绑定", "Link this phone"),
    "enrol.busy": LocalizedText("正在绑定…", "Linking…"),
    "enrol.missing": LocalizedText("还差 {count} 位", "{count} more to go"),
    "enrol.delete": LocalizedText("删除", "Delete"),
    "enrol.clear": LocalizedText("清空", "Clear"),
    "enrol.reading": LocalizedText(
        "绑定这部手机。请输入十位激活码。激活码在社保卡服务网点领取。",
        "Link this phone. Enter your ten-digit activation code from a card service outlet.",
    ),
    "enrol.lost_phone": LocalizedText(
        "旧手机丢了？登录后停用它", "Lost your old phone? Sign in and disable it"
    ),
    # signing in
    "sign_in.title": LocalizedText("登录", "Sign in"),
    "sign_in.beyond": LocalizedText("“{page}”要先登录。", "“{page}” needs you to sign in."),
    "sign_in.digits": LocalizedText("用下面的数字键输入", "Use the keys below"),
    "sign_in.phone": LocalizedText("您的手机号码", "Your mobile number"),
    "sign_in.phone.lead": LocalizedText(
        "登记一卡通时留的手机号，我们会发送验证码。",
        "The number you registered; we send a code to it.",
    ),
    "sign_in.phone.submit": LocalizedText("获取验证码", "Get a code"),
    "sign_in.code": LocalizedText("短信里的 6 位验证码", "The 6-digit code in the message"),
    "sign_in.code.lead": LocalizedText(
        "已发往 {phone}，{until} 前有效（5 分钟）。若此号没有登记，不会收到。",
        "Sent to {phone}, good until {until} (5 minutes). No message comes to a number that is "
        "not registered.",
    ),
    "sign_in.code.submit": LocalizedText("登录", "Sign in"),
    "sign_in.number": LocalizedText("您的证件号码", "Your identity number"),
    "sign_in.number.lead": LocalizedText(
        "身份证上的 18 位号码，最后一位可以是 X。", "18 characters; the last may be X."
    ),
    "sign_in.number.submit": LocalizedText("下一步", "Next"),
    "sign_in.number_wrong": LocalizedText("证件号码有误", "The identity number is not right"),
    "sign_in.password": LocalizedText("您的密码", "Your password"),
    "sign_in.password.lead": LocalizedText(
        "忘了密码就用短信验证码登录。", "Forgot it? Sign in with a code by SMS."
    ),
    "sign_in.password.hint": LocalizedText("点这里输入", "Touch here to type"),
    "sign_in.password.submit": LocalizedText("登录", "Sign in"),
    "sign_in.show": LocalizedText("显示", "Show"),
    "sign_in.hide": LocalizedText("隐藏", "Hide"),
    "sign_in.busy": LocalizedText("请稍候…", "One moment…"),
    "sign_in.resend": LocalizedText("没收到？再发一次", "No message? Send it again"),
    "sign_in.resend.wait": LocalizedText("{seconds} 秒后可再发一次", "Send again in {seconds} s"),
    "sign_in.resend.later": LocalizedText(
        "没收到？稍等片刻可再发", "No message? You can ask again soon"
    ),
    "sign_in.change_phone": LocalizedText("换一个手机号码", "Use another number"),
    "sign_in.change_number": LocalizedText("改证件号码", "Change the identity number"),
    "sign_in.by_password": LocalizedText(
        "用证件号码和密码登录", "Use identity number and password"
    ),
    "sign_in.by_sms": LocalizedText("用短信验证码登录", "Use a code by SMS"),
}
