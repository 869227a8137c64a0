// node-postgres; the server is where PGHOST and so on say.  Prints what ../tap/drivers.pl reads.

const { Client } = require("pg");

function say(name, value) {
	const kind = value === null ? "null" : value.constructor.name;
	const text = value instanceof Date ? value.toISOString() : value && kind === "Object" ? JSON.stringify(value) : value;
	console.log([name, kind, text].join("\t"));
}

async function main() {
	const client = new Client();
	await client.connect();

	// what the columns come as
	let result = await client.query("SELECT * FROM loyal_standing WHERE customer = $1", [42]);
	for (const [name, value] of Object.entries(result.rows[0])) say(name, value);
	result = await client.query("SELECT history, points::bigint AS whole, points::int AS number, trim_scale(points) AS trimmed FROM loyal JOIN loyal_standing USING (customer)");
	for (const [name, value] of Object.entries(result.rows[0])) say(name, value);

	// the same with parsers of one's own, on this connection only
	const types = {
		getTypeParser(oid, format) {
			if (oid === 20) return BigInt; // bigint
			if (oid === 1700) return Number; // numeric: exact up to 15 digits
			return require("pg").types.getTypeParser(oid, format);
		},
	};
	const text = "SELECT orders AS big, points AS parsed FROM loyal_standing WHERE customer = $1";
	result = await client.query({ text, values: [42], types });
	for (const [name, value] of Object.entries(result.rows[0])) say(name, value);

	// read as JSON
	result = await client.query("SELECT history::jsonb AS events FROM loyal WHERE customer = $1", [42]);
	say("amount", result.rows[0].events[0].amount);

	// a program as a parameter: a string, or an object
	const rules = { program: "double", timezone: "UTC", earn: [{ points: 2 }] };
	result = await client.query(
		"SELECT loyalty.points(history, $1::loyalty.program) AS points FROM loyal WHERE customer = $2",
		[rules, 42],
	);
	say("what if", result.rows[0].points);
	result = await client.query("SELECT loyalty.points(history, $1) AS points FROM loyal", [rules]);
	say("without a cast", result.rows[0].points);
	result = await client.query("INSERT INTO program VALUES ($1, $2) RETURNING rules", ["double", JSON.stringify(rules)]);
	say("stored", result.rows[0].rules);

	async function redeem(points) {
		try {
			await client.query("INSERT INTO redemptions VALUES ($1, $2, $3, $4)", [1, 42, "2025-04-01 10:00+00", points]);
			return "done";
		} catch (e) {
			if (e.code !== "LY001") throw e;
			const why = JSON.parse(e.detail);
			return `${why.reason}: ${why.available} of ${why.points}`;
		}
	}
	say("refused", await redeem(500));

	// the fields of a refusal, and of an error in a program
	for (const [name, statement] of [
		["LY001", "INSERT INTO redemptions VALUES (1, 42, '2025-04-01 10:00+00', 500)"],
		["invalid", `SELECT '{"program": "p", "timezone": "UTC", "earn": [{"point": 1}]}'::loyalty.program`],
	]) {
		const e = await client.query(statement).catch((e) => e);
		for (const field of ["code", "message", "detail", "hint", "column", "constraint", "schema", "table"]) say(`${name} ${field}`, e[field] ?? null);
	}

	// a statement with a name is prepared; it sees the program of the moment
	const points = { name: "points", text: "SELECT points::int FROM loyal_standing WHERE customer = $1", values: [42] };
	for (let i = 0; i < 10; i++) result = await client.query(points);
	say("before", result.rows[0].points);
	await client.query("BEGIN");
	await client.query("SELECT loyalty.set_program('loyal', rules) FROM program WHERE name = $1", ["double"]);
	say("after", (await client.query(points)).rows[0].points);
	await client.query("ROLLBACK");
	say("prepared", Number((await client.query("SELECT count(*) FROM pg_prepared_statements WHERE name = 'points'")).rows[0].count));
	await client.end();
}

main().catch((e) => {
	console.error(e);
	process.exit(1);
});
