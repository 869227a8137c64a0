/*
 * stubs.c
 *		What the extension's files need of the server, for fuzzing without one.
 *
 * Memory is malloc's, one block for each palloc, so that the sanitizers see
 * every overrun; what an input leaves is freed after it.  Of the server's
 * functions only those below and the ones in libpgcommon and libpgport are
 * there: run makes every other one a finding.
 */
#include "postgres.h"

#include <sanitizer/asan_interface.h>

#include "common/jsonapi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "fuzz.h"

#include "base/calendar.h"

void
fuzz_finding(const char *what)
{
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

/* ---------------- memory ---------------- */

typedef struct Block
{
	struct Block *next;
	struct Block *prev;
	Size		size;
	void	   *unused;			/* keeps what follows aligned */
} Block;

static Block blocks = {&blocks, &blocks};

static MemoryContext dummy_context = (MemoryContext) &blocks;
MemoryContext CurrentMemoryContext = (MemoryContext) &blocks;
MemoryContext TopMemoryContext = (MemoryContext) &blocks;
MemoryContext CacheMemoryContext = (MemoryContext) &blocks;

static Block *
block_open(void *pointer)
{
	Block	   *block = (Block *) pointer - 1;

	ASAN_UNPOISON_MEMORY_REGION(block, sizeof(Block));
	return block;
}

static void *
block_close(Block *block)
{
	ASAN_POISON_MEMORY_REGION(block, sizeof(Block));
	return block + 1;
}

static void
link_neighbours(Block *block, Block *next, Block *prev)
{
	/* the neighbours' heads are poisoned, all but the anchor's */
	ASAN_UNPOISON_MEMORY_REGION(next, sizeof(Block));
	ASAN_UNPOISON_MEMORY_REGION(prev, sizeof(Block));
	next->prev = block ? block : prev;
	prev->next = block ? block : next;
	if (next != &blocks)
		block_close(next);
	if (prev != &blocks)
		block_close(prev);
}

static void *
allocate(Size size, Size limit, int flags)
{
	Block	   *block;

	if (size > limit)
		fuzz_finding("an allocation that the server would refuse");
	block = malloc(sizeof(Block) + size);
	if (block == NULL)
		fuzz_finding("out of memory");
	block->size = size;
	block->next = blocks.next;
	block->prev = &blocks;
	link_neighbours(block, blocks.next, &blocks);
	memset(block + 1, (flags & MCXT_ALLOC_ZERO) ? 0 : 0x7F, size);
	return block_close(block);
}

void
pfree(void *pointer)
{
	Block	   *block = block_open(pointer);

	link_neighbours(NULL, block->next, block->prev);
	free(block);
}

static void
free_all(void)
{
	while (blocks.next != &blocks)
		pfree(blocks.next + 1);
}

/* always moves, so that nobody gets away with an old pointer */
static void *
reallocate(void *pointer, Size size, Size limit)
{
	Block	   *block = block_open(pointer);
	Size		old = block->size;
	void	   *result;

	block_close(block);
	result = allocate(size, limit, 0);
	memcpy(result, pointer, Min(old, size));
	pfree(pointer);
	return result;
}

void *
palloc(Size size)
{
	return allocate(size, MaxAllocSize, 0);
}

void *
palloc0(Size size)
{
	return allocate(size, MaxAllocSize, MCXT_ALLOC_ZERO);
}

void *
palloc_extended(Size size, int flags)
{
	return allocate(size, (flags & MCXT_ALLOC_HUGE) ? MaxAllocHugeSize : MaxAllocSize, flags);
}

void *
MemoryContextAlloc(MemoryContext context, Size size)
{
	return palloc(size);
}

void *
MemoryContextAllocZero(MemoryContext context, Size size)
{
	return palloc0(size);
}

void *
MemoryContextAllocZeroAligned(MemoryContext context, Size size)
{
	return palloc0(size);
}

void *
MemoryContextAllocExtended(MemoryContext context, Size size, int flags)
{
	return palloc_extended(size, flags);
}

void *
MemoryContextAllocHuge(MemoryContext context, Size size)
{
	return palloc_extended(size, MCXT_ALLOC_HUGE);
}

void *
repalloc(void *pointer, Size size)
{
	return reallocate(pointer, size, MaxAllocSize);
}

void *
repalloc_huge(void *pointer, Size size)
{
	return reallocate(pointer, size, MaxAllocHugeSize);
}

char *
pnstrdup(const char *in, Size len)
{
	char	   *out;

	len = strnlen(in, len);
	out = palloc(len + 1);
	memcpy(out, in, len);
	out[len] = '\0';
	return out;
}

char *
pstrdup(const char *in)
{
	return pnstrdup(in, strlen(in));
}

char *
MemoryContextStrdup(MemoryContext context, const char *in)
{
	return pstrdup(in);
}

MemoryContext
AllocSetContextCreateInternal(MemoryContext parent, const char *name, Size min_size, Size init_size, Size max_size)
{
	return dummy_context;
}

void
MemoryContextDelete(MemoryContext context)
{
}

void
MemoryContextReset(MemoryContext context)
{
}

/* ---------------- errors ---------------- */

sigjmp_buf *PG_exception_stack = NULL;
ErrorContextCallback *error_context_stack = NULL;
volatile sig_atomic_t InterruptPending = false;

static int	sqlstate;

bool
errstart(int elevel, const char *domain)
{
	sqlstate = ERRCODE_INTERNAL_ERROR;
	return elevel >= ERROR;
}

bool
errstart_cold(int elevel, const char *domain)
{
	return errstart(elevel, domain);
}

void
errfinish(const char *filename, int lineno, const char *funcname)
{
	if (sqlstate == ERRCODE_INTERNAL_ERROR)
	{
		fprintf(stderr, "%s:%d: ", filename, lineno);
		fuzz_finding("an error without an SQLSTATE");
	}
	for (ErrorContextCallback *context = error_context_stack; context; context = context->previous)
		context->callback(context->arg);
	pg_re_throw();
}

int
geterrcode(void)
{
	return sqlstate;
}

void
pg_re_throw(void)
{
	siglongjmp(*PG_exception_stack, 1);
}

void
FlushErrorState(void)
{
}

int
errcode(int code)
{
	sqlstate = code;
	return 0;
}

/* the text is made, so that its arguments are read */
#define MESSAGE_FUNCTION(name) \
int \
name(const char *fmt,...) \
{ \
	char		text[2048]; \
	va_list		args; \
	va_start(args, fmt); \
	vsnprintf(text, sizeof(text), fmt, args); \
	va_end(args); \
	return 0; \
}

MESSAGE_FUNCTION(errmsg)
MESSAGE_FUNCTION(errmsg_internal)
MESSAGE_FUNCTION(errdetail)
MESSAGE_FUNCTION(errdetail_internal)
MESSAGE_FUNCTION(errhint)
MESSAGE_FUNCTION(errcontext_msg)

int
fuzz_try(void (*function) (void *arg), void *arg)
{
	sigjmp_buf *outer = PG_exception_stack;
	ErrorContextCallback *context = error_context_stack;
	sigjmp_buf	jump;
	int			code = 0;

	PG_exception_stack = &jump;
	if (sigsetjmp(jump, 0) == 0)
		function(arg);
	else
		code = sqlstate;
	PG_exception_stack = outer;
	error_context_stack = context;
	return code;
}

int
set_errcontext_domain(const char *domain)
{
	return 0;
}

#if PG_VERSION_NUM >= 160000
void
ExceptionalCondition(const char *condition, const char *file, int line)
#else
void
ExceptionalCondition(const char *condition, const char *type, const char *file, int line)
#endif
{
	fprintf(stderr, "%s:%d: ", file, line);
	fuzz_finding(condition);
}

static char *stack_base;

bool
stack_is_too_deep(void)
{
	char		here;

	return labs(stack_base - &here) > 4 * 1024 * 1024;
}

void
check_stack_depth(void)
{
	if (stack_is_too_deep())
		ereport(ERROR,
				(errcode(ERRCODE_STATEMENT_TOO_COMPLEX),
				 errmsg("stack depth limit exceeded")));
}

void
ProcessInterrupts(void)
{
}

/* ---------------- values ---------------- */

struct varlena *
pg_detoast_datum(struct varlena *datum)
{
	struct varlena *copy;
	Size		size;

	if (!VARATT_IS_EXTENDED(datum))
		return datum;
	if (!VARATT_IS_SHORT(datum))
		fuzz_finding("a compressed or external value");
	size = VARSIZE_ANY_EXHDR(datum);
	copy = palloc(VARHDRSZ + size);
	SET_VARSIZE(copy, VARHDRSZ + size);
	memcpy(VARDATA(copy), VARDATA_ANY(datum), size);
	return copy;
}

struct varlena *
pg_detoast_datum_packed(struct varlena *datum)
{
	return VARATT_IS_SHORT(datum) ? datum : pg_detoast_datum(datum);
}

struct varlena *
pg_detoast_datum_copy(struct varlena *datum)
{
	struct varlena *plain = pg_detoast_datum(datum);
	struct varlena *copy = palloc(VARSIZE(plain));

	memcpy(copy, plain, VARSIZE(plain));
	return copy;
}

text *
cstring_to_text_with_len(const char *s, int len)
{
	text	   *result = palloc(VARHDRSZ + len);

	SET_VARSIZE(result, VARHDRSZ + len);
	memcpy(VARDATA(result), s, len);
	return result;
}

text *
cstring_to_text(const char *s)
{
	return cstring_to_text_with_len(s, strlen(s));
}

char *
text_to_cstring(const text *t)
{
	return pnstrdup(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
}

static Datum
call(PGFunction function, Oid collation, int n, Datum *args)
{
	LOCAL_FCINFO(fcinfo, FUNC_MAX_ARGS);

	InitFunctionCallInfoData(*fcinfo, NULL, n, collation, NULL, NULL);
	for (int i = 0; i < n; i++)
	{
		fcinfo->args[i].value = args[i];
		fcinfo->args[i].isnull = false;
	}
	return function(fcinfo);
}

Datum
DirectFunctionCall1Coll(PGFunction function, Oid collation, Datum arg1)
{
	return call(function, collation, 1, (Datum[]) {arg1});
}

Datum
DirectFunctionCall2Coll(PGFunction function, Oid collation, Datum arg1, Datum arg2)
{
	return call(function, collation, 2, (Datum[]) {arg1, arg2});
}

Datum
DirectFunctionCall3Coll(PGFunction function, Oid collation, Datum arg1, Datum arg2, Datum arg3)
{
	return call(function, collation, 3, (Datum[]) {arg1, arg2, arg3});
}

/* libpgcommon has the JSON parser, its texts since 17 */
#if PG_VERSION_NUM < 170000
char *
json_errdetail(JsonParseErrorType error, JsonLexContext *lex)
{
	return pstrdup("something is wrong");
}
#endif

/* ---------------- messages, in the database encoding UTF8 ---------------- */

int
GetDatabaseEncoding(void)
{
	return PG_UTF8;
}

int
pg_mblen(const char *s)
{
	return pg_utf_mblen((const unsigned char *) s);
}

bool
pg_verifymbstr(const char *s, int len, bool no_error)
{
	if (pg_encoding_verifymbstr(PG_UTF8, s, len) == len)
		return true;
	if (!no_error)
		ereport(ERROR,
				(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
				 errmsg("invalid byte sequence for encoding \"UTF8\"")));
	return false;
}

/* the client's is the same */
char *
pg_client_to_server(const char *s, int len)
{
	pg_verifymbstr(s, len, false);
	return unconstify(char *, s);
}

static const char *
take(StringInfo msg, int n)
{
	const char *result = msg->data + msg->cursor;

	if (n < 0 || n > msg->len - msg->cursor)
		ereport(ERROR,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("insufficient data left in message")));
	msg->cursor += n;
	return result;
}

const char *
pq_getmsgbytes(StringInfo msg, int n)
{
	return take(msg, n);
}

void
pq_copymsgbytes(StringInfo msg, char *buf, int n)
{
	memcpy(buf, take(msg, n), n);
}

int
pq_getmsgbyte(StringInfo msg)
{
	return (unsigned char) *take(msg, 1);
}

int64
pq_getmsgint64(StringInfo msg)
{
	uint64		n;

	memcpy(&n, take(msg, 8), 8);
	return (int64) pg_ntoh64(n);
}

unsigned int
pq_getmsgint(StringInfo msg, int width)
{
	unsigned int n = 0;
	const char *bytes = take(msg, width);

	for (int i = 0; i < width; i++)
		n = n << 8 | (unsigned char) bytes[i];
	return n;
}

void
pq_getmsgend(StringInfo msg)
{
	if (msg->cursor != msg->len)
		ereport(ERROR,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("invalid message format")));
}

void
pq_begintypsend(StringInfo buf)
{
	initStringInfo(buf);
	appendStringInfoSpaces(buf, VARHDRSZ);
}

bytea *
pq_endtypsend(StringInfo buf)
{
	bytea	   *result = (bytea *) buf->data;

	SET_VARSIZE(result, buf->len);
	return result;
}

#if PG_VERSION_NUM >= 160000
void
pq_sendbytes(StringInfo buf, const void *data, int len)
#else
void
pq_sendbytes(StringInfo buf, const char *data, int len)
#endif
{
	appendBinaryStringInfo(buf, data, len);
}

/* ---------------- time zones: all but one are known, and the name is all that there is ---------------- */

pg_tz *
pg_tzset(const char *name)
{
	return strcmp(name, ":nowhere") == 0 ? NULL : (pg_tz *) pstrdup(name + 1);
}

bool
pg_tz_acceptable(pg_tz *tz)
{
	return true;
}

const char *
pg_get_timezone_name(pg_tz *tz)
{
	return (const char *) tz;
}

/* ---------------- one input after the other ---------------- */

char *
fuzz_text(const uint8 *data, size_t size)
{
	return pnstrdup((const char *) data, size);
}

StringInfo
fuzz_message(const uint8 *data, size_t size)
{
	StringInfo	msg = palloc0(sizeof(StringInfoData));

	/* exactly as long as the input, so that reading beyond it shows */
	msg->data = palloc(size);
	memcpy(msg->data, data, size);
	msg->len = size;
	msg->maxlen = size;
	return msg;
}

Datum
fuzz_receive(const SqlType *type, const uint8 *data, size_t size)
{
	LOCAL_FCINFO(fcinfo, 1);

	InitFunctionCallInfoData(*fcinfo, NULL, 1, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = PointerGetDatum(fuzz_message(data, size));
	fcinfo->args[0].isnull = false;
	return sql_type_recv(type, fcinfo);
}

bool
fuzz_holds(Datum value, const uint8 *data, size_t size)
{
	const char *bytes = DatumGetPointer(value);

	return VARSIZE_ANY_EXHDR(bytes) == size && memcmp(VARDATA_ANY(bytes), data, size) == 0;
}

bool
fuzz_same(Datum a, Datum b)
{
	const char *bytes = DatumGetPointer(b);

	return fuzz_holds(a, (const uint8 *) VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
}

extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	sigjmp_buf	jump;
	char		here;

	stack_base = &here;
	PG_exception_stack = &jump;
	error_context_stack = NULL;
	if (sigsetjmp(jump, 0) == 0)
		fuzz_one(data, size);
	free_all();
	return 0;
}

const Zone *
fuzz_zone(const char *name)
{
	static const int64 always[] = {PG_INT64_MIN};
	static const int32 nothing[] = {0};
	static const Zone utc = {1, always, nothing};
	static int64 starts[6] = {PG_INT64_MIN};
	static const int32 offsets[6] = {-36000, -32400, -36000, -32400, -36000, 50400};
	static const Zone odd = {6, starts, offsets};

	if (strcmp(name, "UTC") == 0)
		return &utc;
	for (int i = 1; i < 5; i++)
		starts[i] = date_to_days(2023 + (i + 1) / 2, i % 2 ? 4 : 10, 1) * USECS_PER_DAY + (i % 2 ? 10 : 9) * USECS_PER_HOUR;
	starts[5] = date_to_days(2025, 12, 31) * USECS_PER_DAY + 10 * USECS_PER_HOUR;
	return &odd;
}
