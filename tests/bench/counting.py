"""A middleware that says in a header what SQL a request ran. It does nothing unless asked, so that timed requests are not slowed."""

import re
from contextlib import ExitStack

from django.db import connections

ASK = "X-Bench-Count"
ANSWER = "X-Bench-Sql"
_WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)


class Counter:
    def __init__(self):
        self.statements = self.writes = 0

    def __call__(self, execute, sql, params, many, context):
        self.statements += 1
        self.writes += bool(_WRITE.match(sql))
        return execute(sql, params, many, context)


def count_queries(get_response):
    """Answers a request that carries ASK with "<statements> <writes>" in ANSWER; savepoints count as statements."""

    def middleware(request):
        if ASK not in request.headers:
            return get_response(request)
        counter = Counter()
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(counter))
            response = get_response(request)
        response[ANSWER] = f"{counter.statements} {counter.writes}"
        return response

    return middleware
