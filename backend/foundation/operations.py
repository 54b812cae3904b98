"""GraphQL over HTTP: the schema with its caches and limits, and the route that serves it.

strawberry's documented set-up makes a new validation rule for each request, so its validation cache
never hits; here the rules are made once. Errors are masked at the way out: what a client may read
is what this house wrote or what graphql-core says of the document.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Container, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

from cross_web import HTTPException as ViewException
from graphql import (
    ASTValidationRule,
    GraphQLError,
    GraphQLField,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
)
from litestar import Request, Response
from litestar.background_tasks import BackgroundTasks
from litestar.di import Provide
from litestar.types import ControllerRouterHandler
from strawberry import Schema
from strawberry.dataloader import DataLoader
from strawberry.extensions import (
    AddValidationRules,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
)
from strawberry.http import GraphQLHTTPResponse, process_result
from strawberry.litestar.controller import BaseContext, GraphQLController
from strawberry.types import ExecutionContext, ExecutionResult
from typing_extensions import override

from backend.foundation.access import (
    NOT_DELEGABLE,
    Caller,
    IdentifyFor,
    known_caller,
    proven_key,
)
from backend.foundation.answers import OperationRefused
from backend.foundation.first_looks import FirstLooks
from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.operation_limits import MAX_TOKENS, OperationLimits
from backend.foundation.problems import INTERNAL, MALFORMED_BODY, problem_response, words
from backend.foundation.refusals import refusal
from shared.clock import Clock
from shared.wire.request_proof import ProvenKey

CACHED_DOCUMENTS = 256
# The app's own documents have less than 1,000 characters. graphql-core repeats names of a document
# in each of up to 100 remarks on it: a long name alone would make an answer of many megabytes.
MAX_DOCUMENT = 20_000
MAX_REMARK = 300
_log = logging.getLogger("yikatong.operations")
Service = TypeVar("Service")
Key = TypeVar("Key")
Value = TypeVar("Value")

NOT_TRUSTED = refusal(
    "operation_not_trusted",
    ("本服务器只接受应用自带的查询。", "This server takes the app's own operations only."),
    ("请更新应用后再试。", "Update the app and try again."),
)
DOCUMENT_TOO_LONG = refusal(
    "document_too_long",
    ("查询过长。", "The operation's document is too long."),
    ("请拆分查询。", "Ask in several operations."),
)
OPERATION_NAME_NEEDED = refusal(
    "operation_name_needed",
    ("查询文档含有多个操作。", "The document holds several operations."),
    ("请用 operationName 指明要执行哪一个。", "Say by operationName which one to execute."),
)


class Services:
    """The areas' services, found by their class; made in `backend.wiring`."""

    def __init__(self, *instances: object) -> None:
        self._by_class = {type(instance): instance for instance in instances}

    def __getitem__(self, kind: type[Service]) -> Service:
        """Return the service of class `kind`."""
        return cast("Service", self._by_class[kind])


class OperationContext(BaseContext, kw_only=True):
    """What resolvers of one operation share: who asks, the services, and the loaders."""

    services: Services
    clock: Clock
    key: ProvenKey | None
    caller: Caller | None
    address: str
    loaders: dict[str, DataLoader[Any, Any]] = {}  # noqa: RUF012 - msgspec copies it

    def loader(
        self, name: str, load: Callable[[list[Key]], Awaitable[Sequence[Value]]]
    ) -> DataLoader[Key, Value]:
        """Return this operation's loader `name`; it lives as long as the operation."""
        if name not in self.loaders:
            self.loaders[name] = DataLoader(load_fn=load)
        return self.loaders[name]


class TrustedDocuments(SchemaExtension):
    """Puts the document a hash stands for in its place; in production, takes no other.

    A request names a document by `extensions.persistedQuery.sha256Hash`, or sends one whole.
    """

    def __init__(self, documents: dict[str, str], *, only: bool) -> None:
        self._documents = documents
        self._only = only

    @override
    def on_operation(self) -> Iterator[None]:
        context = self.execution_context
        named = _named_document(context.operation_extensions)
        if named is not None:
            context.query = self._documents.get(named)
            if context.query is None:
                raise OperationRefused(NOT_TRUSTED)
        elif self._only and document_id(context.query or "") not in self._documents:
            raise OperationRefused(NOT_TRUSTED)
        if len(context.query or "") > MAX_DOCUMENT:
            raise OperationRefused(DOCUMENT_TOO_LONG)
        yield


class ChosenOperation(SchemaExtension):
    """Leaves the choice among a document's operations to the client (GraphQL, `GetOperation`).

    strawberry would take the first, which may be one that nobody meant to be done.
    """

    _named = False

    @override
    def on_operation(self) -> Iterator[None]:
        # Once the document is read, a name that is missing falls back on the first operation's.
        self._named = self.execution_context.operation_name is not None
        yield

    @override
    def on_validate(self) -> Iterator[None]:
        document = self.execution_context.graphql_document
        held = document.definitions if document else ()
        if not self._named and sum(isinstance(one, OperationDefinitionNode) for one in held) > 1:
            raise OperationRefused(OPERATION_NAME_NEEDED)
        yield


class GuardedSchema(Schema):
    """A schema whose errors are logged by their place, never by their words."""

    @override
    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        for error in errors:
            if not _is_presentable(error):
                fields = {
                    "path": ".".join(map(str, error.path or ())),
                    "error": describe_error(error.original_error or error),
                }
                _log.error("operation failed", extra={FIELDS: fields})


def guarded_schema(
    query: type,
    mutation: type,
    documents: dict[str, str],
    delegable: Container[str],
    *,
    production: bool,
) -> GuardedSchema:
    """Return the schema with its limits.

    Args:
        query: the root of what is asked.
        mutation: the root of what is done.
        documents: the trusted ones by their sha256.
        delegable: the root fields that may be asked under a mandate, for another person; every
            other refuses such a request before its resolver is called.
        production: whether only trusted documents are taken.
    """
    # One list for the schema's life: the validation cache compares rules by identity.
    rules: list[type[ASTValidationRule]] = [OperationLimits]
    if production:
        rules.append(NoSchemaIntrospectionCustomRule)
    extensions: list[Callable[[], SchemaExtension]] = [
        lambda: TrustedDocuments(documents, only=production),
        ChosenOperation,
        lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
        lambda: AddValidationRules(rules),
        lambda: ParserCache(maxsize=CACHED_DOCUMENTS),
        lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
    ]
    schema = GuardedSchema(query=query, mutation=mutation, extensions=extensions)
    roots = (schema._schema.query_type, schema._schema.mutation_type)
    for name, field in (one for root in roots if root for one in root.fields.items()):
        if name not in delegable:
            _for_oneself_only(field)
    return schema


def _for_oneself_only(field: GraphQLField) -> None:
    """Let a field refuse whoever acts for another person."""
    resolve = field.resolve
    if resolve is None:
        raise TypeError("a root field without a resolver cannot be guarded")
    asked: Callable[..., Any] = resolve

    def guarded(source: Any, info: Any, **arguments: Any) -> Any:
        key = info.context.key
        if key is not None and key.acting_for:
            raise OperationRefused(NOT_DELEGABLE)
        return asked(source, info, **arguments)

    field.resolve = guarded


def read_documents(paths: Iterable[Path]) -> dict[str, str]:
    """Return operation files by the sha256 of their text."""
    texts = (path.read_text(encoding="utf-8") for path in paths)
    return {document_id(text): text for text in texts}


def document_id(text: str) -> str:
    """Return what a client may send in a document's place."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def operations_route(
    schema: Schema,
    services: Services,
    clock: Clock,
    identify: IdentifyFor,
    looks: FirstLooks,
    *,
    production: bool,
) -> ControllerRouterHandler:
    """Return the route `/graphql`; outside production a browser finds GraphiQL there.

    `identify` reads access tokens: accounts stand above this room.
    """

    async def context(request: Request[Any, Any, Any]) -> OperationContext:
        key = await proven_key(request, clock)
        for_another = key is not None and bool(key.acting_for)
        looks_first = for_another and looks.likely(await request.body())
        return OperationContext(
            request=request,
            services=services,
            clock=clock,
            key=key,
            caller=await known_caller(request, key, partial(identify, looks_first=looks_first)),
            address=request.client.host if request.client else "",
        )

    class OperationsController(_Controller):
        path = "/graphql"
        dependencies: ClassVar = {  # type: ignore[misc]  # as strawberry's own controller does
            "context": Provide(context),
            "root_value": Provide(_nothing, sync_to_thread=False),
            # strawberry's own provider goes through a thread for this one line.
            "response": Provide(_empty_response, sync_to_thread=False),
        }

    OperationsController.schema = schema
    OperationsController.graphql_ide = None if production else "graphiql"
    return OperationsController


class _Controller(GraphQLController[OperationContext, None]):
    allow_queries_via_get = False
    protocols = ()
    websocket_endpoint = None  # type: ignore[assignment]  # no subscriptions: no socket is opened

    @override
    def decode_json(self, data: str | bytes) -> object:
        try:
            value = super().decode_json(data)
        except (ValueError, RecursionError) as error:
            raise ViewException(400, MALFORMED_BODY.code) from error
        if not isinstance(value, dict):
            raise ViewException(400, MALFORMED_BODY.code)
        return value

    @override
    async def execute_request(
        self, request: Request[Any, Any, Any], context: Any, root_value: Any
    ) -> Response[Any]:
        try:
            return await self.run(request, context=context, root_value=root_value)
        except ViewException as error:
            return problem_response(error.status_code, MALFORMED_BODY)

    @override
    async def process_result(
        self, request: Request[Any, Any, Any], result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        if result.errors:
            result.errors = [_masked(error) for error in result.errors]
        return process_result(result)


def _masked(error: GraphQLError) -> GraphQLError:
    """Return what a client may know of an error."""
    if isinstance(error, OperationRefused) or isinstance(error.original_error, OperationRefused):
        return error
    if _is_presentable(error):
        extensions = {"code": "bad_operation", **(error.extensions or {})}
        return GraphQLError(error.message[:MAX_REMARK], error.nodes, extensions=extensions)
    extensions = {
        "code": INTERNAL.code,
        "text": words(INTERNAL.text),
        "nextStep": words(INTERNAL.next_step),
    }
    return GraphQLError(INTERNAL.text.en, error.nodes, path=error.path, extensions=extensions)


def _is_presentable(error: GraphQLError) -> bool:
    """Tell our own refusals and graphql-core's remarks on the request from failures."""
    cause = error.original_error
    if isinstance(error, OperationRefused) or isinstance(cause, OperationRefused):
        return True
    return error.path is None and (cause is None or isinstance(cause, GraphQLError))


def _named_document(extensions: dict[str, Any] | None) -> str | None:
    persisted = (extensions or {}).get("persistedQuery")
    named = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    return named if isinstance(named, str) else None


def _nothing() -> None:
    return None


def _empty_response() -> Response[Any]:
    return Response({}, background=BackgroundTasks([]))
