"""What any answer must be, whatever was asked: GraphQL or a problem, and no inside of ours."""

import json
import re
from typing import Any

import httpx

_INSIDES = re.compile(
    r"Traceback \(most recent|File \"/|\.py:\d+|site-packages|pymongo|beanie|pydantic|\bmongodb://"
    r"|internal_error|object at 0x",
)


def judged(answer: httpx.Response) -> dict[str, Any]:
    """Return an answer's content after checking that it is one.

    A 200 is GraphQL (October 2021, §7.1); what never reached GraphQL is a problem (RFC 9457).
    """
    assert answer.status_code < 500, answer.text
    assert not _INSIDES.search(answer.text), answer.text
    content = json.loads(answer.content.decode("utf-8"))
    assert isinstance(content, dict), content
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "code", "detail", "next_step"} <= set(content)
        assert content["detail"].keys() == content["next_step"].keys() == {"zh", "en"}
        return content
    assert set(content) <= {"data", "errors", "extensions"}, content
    assert {"data", "errors"} & set(content), content
    errors = content.get("errors", [{"message": "none", "extensions": {"code": "none"}}])
    assert errors, content
    for error in errors:
        assert isinstance(error["message"], str)
        assert isinstance(error["extensions"]["code"], str)
    if "errors" not in content:
        assert isinstance(content["data"], dict), content
    return content
