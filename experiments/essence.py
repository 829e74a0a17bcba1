"""What of Python source can change a result: not comments, docstrings, layout, or messages."""

import ast

_LOGS = ("log", "_log", "logger", "_logger", "logging", "warnings")
_TO_LOGS = ("debug", "info", "warning", "warn", "error", "exception", "critical", "log")
_REMARKS = ("doc", "source")
"""What a parameter is said to be, and where its value comes from."""
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def essence(source: str, with_messages: bool = True) -> str:
    """Return Python source without comments, docstrings and layout.

    Parameters
    ----------
    source
        The text of a module.
    with_messages
        Whether texts of exceptions, logs and warnings count, descriptions of parameters, and
        annotations of functions. Code that nobody knows may depend on them; Huitou's does not.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            # A string that stands alone is documentation, wherever it stands.
            node.body = [item for item in body if not _is_text(item)]  # type: ignore[attr-defined]
        if not with_messages:
            _hush(node)
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _hush(node: ast.AST) -> None:
    """Take out what a node says to people, or to type checkers."""
    if isinstance(node, ast.Assert):
        node.msg = None
    elif isinstance(node, ast.Raise) and node.exc is not None:
        node.exc = _EMPTY.visit(node.exc)
    elif isinstance(node, ast.Call):
        _hush_call(node)
    elif isinstance(node, _Function) and not node.decorator_list:
        _forget_types(node)


def _hush_call(call: ast.Call) -> None:
    """Empty the arguments of a call that are for people to read."""
    of = call.func
    name = getattr(of, "attr", getattr(of, "id", ""))
    module = getattr(getattr(of, "value", None), "id", "")
    speaks = name.endswith(("Error", "Warning")) or (module in _LOGS and name in _TO_LOGS)
    if speaks:
        call.args = [_EMPTY.visit(argument) for argument in call.args]
    for word in call.keywords:
        if speaks or (name == "Param" and word.arg in _REMARKS):
            word.value = _EMPTY.visit(word.value)


class _Empty(ast.NodeTransformer):
    """Make every text empty."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:  # by this name
        return ast.Constant("")

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("") if isinstance(node.value, str) else node


_EMPTY = _Empty()


def _forget_types(function: _Function) -> None:
    """Leave the annotations of a function out, which nobody asks for without a decorator."""
    function.returns = None
    arguments = function.args
    for argument in (
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        *filter(None, (arguments.vararg, arguments.kwarg)),
    ):
        argument.annotation = None
