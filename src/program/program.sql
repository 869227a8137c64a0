-- program: what a shop promises its members

CREATE TYPE loyalty.program;

CREATE FUNCTION loyalty.program_in(cstring) RETURNS loyalty.program
	AS 'MODULE_PATHNAME', 'loyalty_program_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION loyalty.program_out(loyalty.program) RETURNS cstring
	AS 'MODULE_PATHNAME', 'loyalty_program_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION loyalty.program_recv(internal) RETURNS loyalty.program
	AS 'MODULE_PATHNAME', 'loyalty_program_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION loyalty.program_send(loyalty.program) RETURNS bytea
	AS 'MODULE_PATHNAME', 'loyalty_program_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE loyalty.program (
	INPUT = loyalty.program_in,
	OUTPUT = loyalty.program_out,
	RECEIVE = loyalty.program_recv,
	SEND = loyalty.program_send,
	ALIGNMENT = double,
	STORAGE = extended
);

COMMENT ON TYPE loyalty.program IS
	'what a shop promises its members: how points are earned, held, expire and are redeemed, how tiers are won and lost. Text form: a JSON document, checked and compiled on the way in; an error names the place and what would be right';

-- explicit casts from and to jsonb

CREATE FUNCTION loyalty.to_jsonb(loyalty.program) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'loyalty_program_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION loyalty.program_from_jsonb(jsonb) RETURNS loyalty.program
	AS 'MODULE_PATHNAME', 'loyalty_program_from_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE CAST (loyalty.program AS jsonb) WITH FUNCTION loyalty.to_jsonb(loyalty.program);
CREATE CAST (jsonb AS loyalty.program) WITH FUNCTION loyalty.program_from_jsonb(jsonb);

COMMENT ON FUNCTION loyalty.to_jsonb(loyalty.program) IS
	'the program''s document as jsonb, as its text form shows it';
COMMENT ON FUNCTION loyalty.program_from_jsonb(jsonb) IS
	'the program of such a document; error 22023 names what is wrong and what would be right. jsonb keeps only the last of two equal keys, text input refuses them';

-- comparison

CREATE FUNCTION loyalty.program_eq(loyalty.program, loyalty.program) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_program_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION loyalty.program_ne(loyalty.program, loyalty.program) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_program_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION loyalty.program_lt(loyalty.program, loyalty.program) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_program_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION loyalty.program_le(loyalty.program, loyalty.program) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_program_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION loyalty.program_gt(loyalty.program, loyalty.program) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_program_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION loyalty.program_ge(loyalty.program, loyalty.program) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_program_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR loyalty.= (
	LEFTARG = loyalty.program, RIGHTARG = loyalty.program, FUNCTION = loyalty.program_eq,
	COMMUTATOR = OPERATOR(loyalty.=), NEGATOR = OPERATOR(loyalty.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR loyalty.<> (
	LEFTARG = loyalty.program, RIGHTARG = loyalty.program, FUNCTION = loyalty.program_ne,
	COMMUTATOR = OPERATOR(loyalty.<>), NEGATOR = OPERATOR(loyalty.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR loyalty.< (
	LEFTARG = loyalty.program, RIGHTARG = loyalty.program, FUNCTION = loyalty.program_lt,
	COMMUTATOR = OPERATOR(loyalty.>), NEGATOR = OPERATOR(loyalty.>=),
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR loyalty.<= (
	LEFTARG = loyalty.program, RIGHTARG = loyalty.program, FUNCTION = loyalty.program_le,
	COMMUTATOR = OPERATOR(loyalty.>=), NEGATOR = OPERATOR(loyalty.>),
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR loyalty.> (
	LEFTARG = loyalty.program, RIGHTARG = loyalty.program, FUNCTION = loyalty.program_gt,
	COMMUTATOR = OPERATOR(loyalty.<), NEGATOR = OPERATOR(loyalty.<=),
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR loyalty.>= (
	LEFTARG = loyalty.program, RIGHTARG = loyalty.program, FUNCTION = loyalty.program_ge,
	COMMUTATOR = OPERATOR(loyalty.<=), NEGATOR = OPERATOR(loyalty.<),
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);

CREATE FUNCTION loyalty.program_cmp(loyalty.program, loyalty.program) RETURNS integer
	AS 'MODULE_PATHNAME', 'loyalty_program_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION loyalty.program_hash(loyalty.program) RETURNS integer
	AS 'MODULE_PATHNAME', 'loyalty_program_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION loyalty.program_hash_extended(loyalty.program, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'loyalty_program_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR CLASS loyalty.program_ops DEFAULT FOR TYPE loyalty.program USING btree AS
	OPERATOR 1 loyalty.<, OPERATOR 2 loyalty.<=, OPERATOR 3 loyalty.=,
	OPERATOR 4 loyalty.>=, OPERATOR 5 loyalty.>,
	FUNCTION 1 loyalty.program_cmp(loyalty.program, loyalty.program);
CREATE OPERATOR CLASS loyalty.program_hash_ops DEFAULT FOR TYPE loyalty.program USING hash AS
	OPERATOR 1 loyalty.=,
	FUNCTION 1 loyalty.program_hash(loyalty.program),
	FUNCTION 2 loyalty.program_hash_extended(loyalty.program, bigint);

COMMENT ON OPERATOR loyalty.= (loyalty.program, loyalty.program) IS
	'the same rules: neither the order of keys nor how numbers are written nor spelled-out defaults matter';
COMMENT ON OPERATOR CLASS loyalty.program_ops USING btree IS
	'by text, bytewise; it begins with the program''s name';
