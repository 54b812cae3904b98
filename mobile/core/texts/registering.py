"""Words of the real-name registration."""

from shared.localized_text import LocalizedText

TEXTS = {
    "register.title": LocalizedText("实名注册", "Register"),
    "register.link": LocalizedText("还没有账号？实名注册", "No account yet? Register"),
    "register.progress": LocalizedText("第 {place} 步，共 {count} 步", "Step {place} of {count}"),
    "register.number": LocalizedText("您的证件号码", "Your identity number"),
    "register.number.lead": LocalizedText(
        "身份证上的 18 位号码，最后一位可以是 X。", "18 characters; the last may be X."
    ),
    "register.name": LocalizedText("您的姓名", "Your name"),
    "register.name.lead": LocalizedText(
        "和身份证上一样，中间的点也要写上。",
        "As on your identity card, dots included.",
    ),
    "register.face": LocalizedText("拍一张本人照片", "A picture of your face"),
    "register.face.lead": LocalizedText(
        "和公安人口库比对一次，确认是您本人。", "It is compared once, to make sure that it is you."
    ),
    "register.agree": LocalizedText("我同意用人脸核验", "I agree to the face check"),
    "register.agree.lead": LocalizedText(
        "人脸是敏感信息。照片只用这一次，不保存。",
        "Your face is sensitive. The picture is used this once and not kept.",
    ),
    "register.take": LocalizedText("拍照", "Take the picture"),
    "register.again": LocalizedText("重拍", "Take another"),
    "register.taken": LocalizedText("已拍好（{size} KB）", "Taken ({size} KB)"),
    "register.phone": LocalizedText("您的手机号码", "Your mobile number"),
    "register.phone.lead": LocalizedText(
        "以后用它登录和收验证码。", "You will sign in with it and get codes on it."
    ),
    "register.code": LocalizedText("短信里的 6 位验证码", "The 6-digit code in the message"),
    "register.code.lead": LocalizedText("验证码已经发出。", "The code is on its way."),
    "register.submit": LocalizedText("完成注册", "Register"),
    "register.outlet": LocalizedText(
        "不想刷脸或拍不了？带身份证到社保卡服务网点，窗口当场注册。",
        "No face check for you? An outlet registers you on the spot with your identity card.",
    ),
}
