/* For cppcheck, which reads our files without the server's headers. */
#define PG_MODULE_MAGIC
#define PG_FUNCTION_INFO_V1(function)
#define PG_FUNCTION_ARGS FunctionCallInfo fcinfo
#define PG_RETURN_NULL() return 0
#define ereport(level, rest) do { rest; if ((level) >= 21) exit(1); } while (0)
#define elog(level, ...) do { if ((level) >= 21) exit(1); } while (0)
#define ERROR 21
#define pg_attribute_noreturn()
#define pg_noinline
#define pg_attribute_unused()
#define pg_attribute_packed()
#define pg_attribute_aligned(bytes)
#define likely(x) (x)
#define unlikely(x) (x)
#define PG_TRY()
#define PG_CATCH() if (0)
#define PG_END_TRY()
#define PG_FINALLY()
#define foreach(cell, list) for (cell = list_head(list); cell != NULL; cell = lnext(list, cell))
#define StaticAssertDecl(condition, message)
#define INT64CONST(x) x##L
#define UINT64CONST(x) x##UL
