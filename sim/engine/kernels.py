"""How rules become fast: two decorators, and two tricks, in one place.

A rule is said of one person; a kernel is the loop over those due, called from Python. Rules are
optimised only as parts of kernels, and take the world as a pointer.
"""

import hashlib
from functools import cached_property
from typing import Any

from llvmlite.binding import Linkage
from numba import config, njit, types
from numba.core import cgutils
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.registry import CPUDispatcher
from numba.core.typing.templates import AttributeTemplate
from numba.experimental import structref
from numba.extending import (
    infer_getattr,
    intrinsic,
    lower_getattr_generic,
    models,
    register_model,
)

from sim.engine.cache import kernel_folder
from sim.engine.code_key import digest
from sim.engine.kernel_cache import KernelCache, kernel_key

CACHE = None if config.DISABLE_JIT else kernel_folder()
"""Where compiled code is kept; None if nowhere."""
KERNELS: list[Any] = []
"""All kernels that have been made."""


class _Linked(JITCodeLibrary):
    """A rule's code as kernels link it: not optimised before, and never code that runs by itself.

    A kernel optimises all of it again; both together took a quarter of the time of compiling.
    """

    @property
    def codegen(self) -> Any:
        return self

    def set_env(self, name: str, environment: Any) -> None:
        """Do nothing: the environment is Python's side of a function that Python calls."""

    def _optimize_final_module(self) -> None:
        """Leave that to the kernel."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


class RuleCompiler(Compiler):
    """Numba's compiler, of a function that is part of others only."""

    def __init__(self, *settings: Any) -> None:
        super().__init__(*settings)
        self.state.library = _Linked(self.state.targetctx.codegen(), "rule")


class _Kernel(JITCodeLibrary):
    """A kernel's code, in which its copies of rules are its own.

    Numba links what a function calls as if others might need it too. What is nobody else's, LLVM
    inlines if it is small or called from one place, and keeps one copy of anything else. Such a
    copy takes its arguments in ways of its own, so nobody else may find it: private functions
    have no symbol, whereas an internal one is taken for another function's rule of that name.
    """

    def _optimize_final_module(self) -> None:
        for function in self._final_module.functions:
            if function.linkage == Linkage.linkonce_odr and not function.is_declaration:
                function.linkage = Linkage.private
        super()._optimize_final_module()


class KernelCompiler(Compiler):
    """Numba's compiler, of a function that links rules."""

    def __init__(self, *settings: Any) -> None:
        super().__init__(*settings)
        self.state.library = _Kernel(self.state.targetctx.codegen(), "kernel")
        self.state.library.enable_object_caching()


class _Rule(CPUDispatcher):
    """A rule, compiled without the wrappers by which Python calls: they took an eighth of the time.

    Python may call it all the same, as tests do: then it is compiled once more, with a wrapper.
    """

    def __call__(self, *values: Any) -> Any:
        return self._callable(*values)

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Return how to call a rule; a number written in the caller is one like any other."""
        return super().get_call_template(tuple(map(types.unliteral, args)), kws)

    @cached_property
    def _callable(self) -> Any:
        return njit(self.py_func)


def rule(function: Any) -> Any:
    """Compile a scalar rule; LLVM decides in each kernel whether it is inlined."""
    if config.DISABLE_JIT:
        return function
    options = {"nopython": True, "boundscheck": None, **PART}
    return _Rule(function, targetoptions=options, pipeline_class=RuleCompiler)


PART = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""How numba is to compile what is part of other functions only, beside `RuleCompiler`."""


def kernel(function: Any) -> Any:
    """Compile a loop that Python calls; if it takes the world, its first line borrows it."""
    made = njit(function, pipeline_class=KernelCompiler, no_cfunc_wrapper=True)
    if CACHE is not None:
        made._cache = KernelCache(function, CACHE)
    KERNELS.append(made)
    return made


def compiled_key() -> str:
    """Return the key of all kernels that have been made."""
    return digest(*(kernel_key(plain(made)) for made in KERNELS))


def plain(function: Any) -> Any:
    """Return a rule as Python, to be called a few times without compiling it."""
    return getattr(function, "py_func", function)


@structref.register
class _HandleType(types.StructRef):
    def preprocess_fields(self, fields: Any) -> Any:
        return tuple((name, types.unliteral(kind)) for name, kind in fields)


class _Handle(structref.StructRefProxy):
    """A world as kernels take it: one pointer, where its arrays would take 6 us a call."""


structref.define_constructor(_Handle, _HandleType, ["world"])
structref.define_attributes(_HandleType)
structref.define_boxing(_HandleType, _Handle)


class _Borrowed(types.Type):
    """A world as rules take it: a pointer to its arrays, which count no references."""

    def __init__(self, world: Any) -> None:
        self.world = world
        # The name is part of that of every function that takes it: a world's own has 20,000 letters.
        mark = hashlib.blake2b(str(world).encode(), digest_size=8).hexdigest()
        super().__init__(name=f"Borrowed({mark})")


register_model(_Borrowed)(models.OpaqueModel)


@infer_getattr
class _BorrowedAttribute(AttributeTemplate):
    key = _Borrowed

    def generic_resolve(self, borrowed: Any, name: str) -> Any:
        world = borrowed.world
        return world.types[world.fields.index(name)] if name in world.fields else None


@lower_getattr_generic(_Borrowed)
def _get(context: Any, builder: Any, borrowed: Any, pointer: Any, name: str) -> Any:
    world = borrowed.world
    place = world.fields.index(name)
    stored = builder.bitcast(pointer, context.get_data_type(world).as_pointer())
    field = cgutils.gep_inbounds(builder, stored, 0, place)
    kind = world.types[place]
    value = context.data_model_manager[kind].load_from_data_pointer(builder, field)
    return _without_owner(context, builder, kind, value)


def _without_owner(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = cgutils.get_null_value(array.meminfo.type)
        array.parent = cgutils.get_null_value(array.parent.type)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        for k, part in enumerate(kind):
            inner = builder.extract_value(value, k)
            inner = _without_owner(context, builder, part, inner)
            value = builder.insert_value(value, inner, k)
    return value


@intrinsic
def _borrow(typing_context: Any, w: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        utils = structref._Utils(context, builder, signature.args[0])
        pointer = utils.get_data_struct(args[0])._get_ptr_by_name("world")
        return builder.bitcast(pointer, cgutils.voidptr_t)

    return _Borrowed(w.field_dict["world"])(w), codegen


if config.DISABLE_JIT:  # plain Python, for coverage and debugging

    def handle(world: Any) -> Any:
        """Return `world`."""
        return world

    def borrow(w: Any) -> Any:
        """Return `w`."""
        return w

else:

    @kernel
    def handle(world):
        """Return the handle by which kernels take a world."""
        return _Handle(world)

    @rule
    def borrow(w):
        """Return the world behind a handle: one pointer for rules to pass on.

        An array taken from it counts no references, which would cost ten times the rules
        themselves. Safe inside a kernel, since its caller holds the handle meanwhile.
        """
        return _borrow(w)
