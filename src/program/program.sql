-- program: what a shop promises its members

COMMENT ON TYPE loyalty.program IS
	'what a shop promises its members: how points are earned, held, expire and are redeemed, how tiers are won and lost. Text form: a JSON document, checked on the way in; an error names the place and what would be right';
COMMENT ON OPERATOR loyalty.= (loyalty.program, loyalty.program) IS
	'the same rules: neither the order of keys nor how numbers are written nor spelled-out defaults matter';
COMMENT ON OPERATOR CLASS loyalty.program_ops USING btree IS
	'by text, bytewise; it begins with the program''s name';
