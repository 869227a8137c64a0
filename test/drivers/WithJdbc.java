// JDBC: java -cp postgresql.jar WithJdbc.java URL; the URL has what the driver needs.  Prints what ../tap/drivers.pl reads.

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

public class WithJdbc {
	static final String RULES = "{\"program\": \"double\", \"timezone\": \"UTC\", \"earn\": [{\"points\": 2}]}";

	static void say(String name, String type, Object value) {
		System.out.println(name + "\t" + type + "\t" + value);
	}

	static void sayColumns(ResultSet rows) throws SQLException {
		ResultSetMetaData about = rows.getMetaData();
		rows.next();
		for (int i = 1; i <= about.getColumnCount(); i++) {
			Object value = rows.getObject(i);
			say(about.getColumnName(i), value == null ? "null" : value.getClass().getSimpleName(), rows.getString(i));
		}
	}

	static Object first(PreparedStatement query) throws SQLException {
		try (ResultSet rows = query.executeQuery()) {
			rows.next();
			return rows.getObject(1);
		}
	}

	static String redeem(Connection connection, int points) throws SQLException {
		String sql = "INSERT INTO redemptions VALUES (?, ?, ?, ?)";
		try (PreparedStatement insert = connection.prepareStatement(sql)) {
			insert.setInt(1, 1);
			insert.setInt(2, 42);
			insert.setObject(3, OffsetDateTime.of(2025, 4, 1, 10, 0, 0, 0, ZoneOffset.UTC));
			insert.setInt(4, points);
			insert.executeUpdate();
			return "done";
		} catch (PSQLException e) {
			if (!"LY001".equals(e.getSQLState())) {
				throw e;
			}
			ServerErrorMessage why = e.getServerErrorMessage();
			return why.getConstraint() + ": " + why.getColumn() + " of " + points;
		}
	}

	static void sayError(String name, Statement statement, String sql) throws SQLException {
		try {
			statement.execute(sql);
		} catch (PSQLException e) {
			ServerErrorMessage m = e.getServerErrorMessage();
			say(name + " code", "String", e.getSQLState());
			say(name + " message", "String", m.getMessage());
			say(name + " detail", "String", m.getDetail());
			say(name + " hint", "String", m.getHint());
			say(name + " column", "String", m.getColumn());
			say(name + " constraint", "String", m.getConstraint());
			say(name + " schema", "String", m.getSchema());
			say(name + " table", "String", m.getTable());
		}
	}

	public static void main(String[] arguments) throws SQLException {
		try (Connection connection = DriverManager.getConnection(arguments[0]); Statement statement = connection.createStatement()) {
			// what the columns come as, and what tools are told of them
			sayColumns(statement.executeQuery("SELECT * FROM loyal_standing WHERE customer = 42"));
			sayColumns(statement.executeQuery("SELECT history, points::bigint AS whole, trim_scale(points) AS trimmed FROM loyal JOIN loyal_standing USING (customer)"));
			try (ResultSet columns = connection.getMetaData().getColumns(null, "public", "loyal_standing", "points")) {
				columns.next();
				say("points remarks", columns.getString("TYPE_NAME"), columns.getString("REMARKS"));
			}

			// a program as a parameter, in three ways
			String points = "SELECT loyalty.points(history, ?::loyalty.program) FROM loyal WHERE customer = 42";
			try (PreparedStatement query = connection.prepareStatement(points)) {
				query.setString(1, RULES);
				say("what if", "cast", first(query));
			}
			String bare = "SELECT loyalty.points(history, ?) FROM loyal WHERE customer = 42";
			try (PreparedStatement query = connection.prepareStatement(bare)) {
				query.setObject(1, RULES, Types.OTHER);
				say("what if", "OTHER", first(query));
				query.setString(1, RULES);
				say("what if", "setString", first(query));
			} catch (PSQLException e) {
				say("what if", "setString", e.getSQLState());
			}
			String unspecified = arguments[0] + "&stringtype=unspecified";
			try (Connection other = DriverManager.getConnection(unspecified); PreparedStatement query = other.prepareStatement(bare)) {
				query.setString(1, RULES);
				say("what if", "unspecified", first(query));
			}
			try (PreparedStatement insert = connection.prepareStatement("INSERT INTO program VALUES (?, ?) RETURNING rules")) {
				insert.setString(1, "double");
				insert.setString(2, RULES);
				say("stored", first(insert).getClass().getSimpleName(), RULES);
			}
			String then = "SELECT loyalty.points(history, program, ?) FROM loyal, loyal_program WHERE customer = ?";
			try (PreparedStatement query = connection.prepareStatement(then)) {
				query.setObject(1, OffsetDateTime.of(2025, 2, 1, 0, 0, 0, 0, ZoneOffset.UTC));
				query.setInt(2, 42);
				say("as of", "OffsetDateTime", first(query));
			}
			try (ResultSet rows = statement.executeQuery("SELECT first_purchase FROM loyal_standing WHERE customer = 42")) {
				rows.next();
				say("instant", "OffsetDateTime", rows.getObject(1, OffsetDateTime.class));
			}

			say("refused", "String", redeem(connection, 500));
			sayError("LY001", statement, "INSERT INTO redemptions VALUES (1, 42, '2025-04-01 10:00+00', 500)");
			sayError("invalid", statement, "SELECT '{\"program\": \"p\", \"timezone\": \"UTC\", \"earn\": [{\"point\": 1}]}'::loyalty.program");

			// prepared by the server from the fifth time on; it sees the program of the moment
			try (PreparedStatement query = connection.prepareStatement("SELECT points::bigint FROM loyal_standing WHERE customer = ?")) {
				query.setInt(1, 42);
				Object answer = null;
				for (int i = 0; i < 10; i++) {
					answer = first(query);
				}
				say("before", answer.getClass().getSimpleName(), answer);
				connection.setAutoCommit(false);
				statement.execute("SELECT loyalty.set_program('loyal', rules) FROM program WHERE name = 'double'");
				say("after", "Long", first(query));
				ResultSet prepared = statement.executeQuery("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT points%'");
				prepared.next();
				say("prepared", "int", prepared.getInt(1));
				connection.rollback();
			}
		}
	}
}
