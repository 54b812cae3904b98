"""No query of signing in reads a whole collection."""

import re
from typing import Any

from backend.foundation.access import Role
from tests.backend.accounts.actors import PASSWORD, People
from tests.backend.actors import id_number, new_key
from tests.backend.test_indexes import EXPLAINED, _stages

OWN = {"accounts", "sessions", "sms_codes", "sign_in_tries", "staff"}


async def test_every_query_has_its_index(
    people: People, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    phone = "13970700021"
    await people.register(id_number(sequence="921"), phone)
    device = await people.signed_in()
    await people.device().sign_in(id_number(), "a wrong password")
    token = device.refresh
    await device.renew_session()
    await device.renew_session(token)
    await device.sign_in(id_number())
    await device.do("Sessions")
    await device.do("SetPassword", currentPassword=PASSWORD, newPassword="a whole new sentence")
    await people.device().do("RequestSmsCode", phone=phone)
    found = re.search(r"验证码(\d{6})", (await people.inbox())[0])
    assert found is not None
    wish = {"phone": phone, "code": found.group(1), "deviceName": "x"}
    await people.device().do("SignInWithSms", idempotencyKey=new_key(), **wish)
    clerk = await people.staff("xie.yu", Role.AUDITOR)
    await clerk.sign_in()
    await clerk.sign_in(clerk.recovery_codes[0])
    page = (await clerk.device.ask("Staff", first=1))["staff"]
    await clerk.device.ask("Staff", first=1, after=page["pageInfo"]["endCursor"])
    people.city.clock.advance(60)
    await device.do("RequestPhoneChange", phone="13970700022")
    found = re.search(r"验证码(\d{6})", (await people.inbox())[0])
    assert found is not None
    change = {"idempotencyKey": new_key(), "phone": "13970700022", "code": found.group(1)}
    assert (await device.do("ChangePhone", **change))["__typename"] == "PhoneChanged"
    await device.do("EndSession", sessionId=clerk.device.session)
    await device.do("SignOut")

    ours = [command for name, command in list(sent) if name in EXPLAINED and command[name] in OWN]
    scanning = [
        command for command in ours if "COLLSCAN" in await _stages(people.city.house, command)
    ]
    assert {next(iter(command.values())) for command in ours} == OWN
    assert scanning == []
