"""psycopg, version 2 or 3: with_psycopg.py MODULE; the server is where PGHOST and so on say.  Prints what ../tap/drivers.pl reads."""

import importlib
import json
import sys

psycopg = importlib.import_module(sys.argv[1])
connection = psycopg.connect("")
cursor = connection.cursor()


def say(name, value):
    print(name, type(value).__name__, value, sep="\t")


# what the columns come as
cursor.execute("SELECT * FROM loyal_standing WHERE customer = %s", (42,))
for column, value in zip(cursor.description, cursor.fetchone()):
    say(column[0], value)
cursor.execute("SELECT history, points::bigint AS whole, trim_scale(points) AS trimmed FROM loyal JOIN loyal_standing USING (customer)")
for column, value in zip(cursor.description, cursor.fetchone()):
    say(column[0], value)

# read as JSON
cursor.execute("SELECT history::jsonb FROM loyal WHERE customer = %s", (42,))
events = cursor.fetchone()[0]
say("amount", events[0]["amount"])

# a program as a parameter
rules = {"program": "double", "timezone": "UTC", "earn": [{"points": 2}]}
cursor.execute(
    "SELECT loyalty.points(history, %s::loyalty.program) FROM loyal WHERE customer = %s",
    (json.dumps(rules), 42),
)
say("what if", cursor.fetchone()[0])
cursor.execute("SELECT loyalty.points(history, %s) FROM loyal", (json.dumps(rules),))
say("without a cast", cursor.fetchone()[0])
cursor.execute("INSERT INTO program VALUES (%s, %s) RETURNING rules", ("double", json.dumps(rules)))
say("stored", cursor.fetchone()[0])
connection.commit()

# declared as jsonb, which only psycopg 3 does
if sys.argv[1] == "psycopg":
    from psycopg.types.json import Jsonb

    for name, statement in [
        ("called", "SELECT loyalty.points(history, %s) FROM loyal"),
        ("inserted", "INSERT INTO program VALUES ('jsonb', %s)"),
        ("cast", "INSERT INTO program VALUES ('jsonb', %s::loyalty.program)"),
    ]:
        try:
            cursor.execute(statement, (Jsonb(rules),))
            say(f"jsonb {name}", "done")
        except psycopg.Error as e:
            say(f"jsonb {name}", e.diag.sqlstate)
        connection.rollback()


def redeem(points):
    try:
        cursor.execute("INSERT INTO redemptions VALUES (%s, %s, %s, %s)", (1, 42, "2025-04-01 10:00+00", points))
        connection.commit()
        return "done"
    except psycopg.Error as e:
        connection.rollback()
        if e.diag.sqlstate != "LY001":
            raise
        why = json.loads(e.diag.message_detail)
        return f"{why['reason']}: {why['available']} of {why['points']}"


say("refused", redeem(500))

# the fields of a refusal, and of an error in a program
for name, statement in [
    ("LY001", "INSERT INTO redemptions VALUES (1, 42, '2025-04-01 10:00+00', 500)"),
    ("invalid", """SELECT '{"program": "p", "timezone": "UTC", "earn": [{"point": 1}]}'::loyalty.program"""),
]:
    try:
        cursor.execute(statement)
    except psycopg.Error as e:
        connection.rollback()
        for field in ("sqlstate", "message_primary", "message_detail", "message_hint", "column_name", "constraint_name", "schema_name", "table_name"):
            say(f"{name} {field}", getattr(e.diag, field))

# psycopg 3 prepares what is run more than five times; a prepared statement sees the program of the moment
for i in range(10):
    cursor.execute("SELECT points::bigint FROM loyal_standing WHERE customer = %s", (42,))
say("before", cursor.fetchone()[0])
cursor.execute("SELECT loyalty.set_program('loyal', rules) FROM program WHERE name = %s", ("double",))
cursor.execute("SELECT points::bigint FROM loyal_standing WHERE customer = %s", (42,))
say("after", cursor.fetchone()[0])
cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT points%%'")
say("prepared", cursor.fetchone()[0])
connection.rollback()
