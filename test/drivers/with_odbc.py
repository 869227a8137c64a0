"""psqlODBC, by pyodbc: with_odbc.py CONNECTION-STRING.  Prints what ../tap/drivers.pl reads."""

import sys

import pyodbc

connection = pyodbc.connect(sys.argv[1])
cursor = connection.cursor()


def say(name, value):
    print(name, type(value).__name__, value, sep="\t")


# what the columns come as
for sql in (
    "SELECT * FROM loyal_standing WHERE customer = 42",
    "SELECT history, points::bigint AS whole, trim_scale(points) AS trimmed FROM loyal JOIN loyal_standing USING (customer)",
):
    row = cursor.execute(sql).fetchone()
    for column, value in zip(cursor.description, row):
        say(column[0], value)
for column in cursor.columns(table="loyal_standing", column="points"):
    say("points remarks", column.remarks)

# a program as a parameter
rules = '{"program": "double", "timezone": "UTC", "earn": [{"points": 2}]}'
cursor.execute("SELECT loyalty.points(history, ?::loyalty.program) FROM loyal WHERE customer = ?", rules, 42)
say("what if", cursor.fetchone()[0])
cursor.execute("INSERT INTO program VALUES (?, ?)", "double", rules)
connection.commit()
say("stored", cursor.execute("SELECT rules FROM program WHERE name = 'double'").fetchone()[0])


def redeem(points):
    try:
        cursor.execute("INSERT INTO redemptions VALUES (?, ?, ?::timestamptz, ?)", 1, 42, "2025-04-01 10:00+00", points)
        connection.commit()
        return "done"
    except pyodbc.Error as e:
        connection.rollback()
        if e.args[0] != "LY001":
            raise
        return e.args[1]


say("refused", redeem(500))
try:
    cursor.execute("""SELECT '{"program": "p", "timezone": "UTC", "earn": [{"point": 1}]}'::loyalty.program""")
except pyodbc.Error as e:
    connection.rollback()
    say("invalid sqlstate", e.args[0])
    say("invalid message", e.args[1])

for i in range(10):
    before = cursor.execute("SELECT points::bigint FROM loyal_standing WHERE customer = ?", 42).fetchone()[0]
say("before", before)
cursor.execute("SELECT loyalty.set_program('loyal', rules) FROM program WHERE name = ?", "double")
say("after", cursor.execute("SELECT points::bigint FROM loyal_standing WHERE customer = ?", 42).fetchone()[0])
connection.rollback()
