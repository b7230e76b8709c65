from __future__ import annotations

import os

import pytest
from nexuslims_testing.servers.postgresql import PostgresqlServer

pytestmark = pytest.mark.live


def name(url):
    return url.rpartition("/")[2]


def test_each_test_has_a_database_of_its_own(postgresql_server, postgresql_url):
    other = postgresql_server.create_database()
    postgresql_server.sql(name(postgresql_url), "CREATE TABLE squirrels (name TEXT)")
    count = "SELECT count(*) FROM pg_tables WHERE tablename = 'squirrels'"
    assert postgresql_server.sql(name(postgresql_url), count) == "1\n"
    assert postgresql_server.sql(name(other), count) == "0\n"
    postgresql_server.drop_database(other)
    with pytest.raises(RuntimeError, match=f'"{name(other)}" does not exist'):
        postgresql_server.sql(name(other), count)


def test_a_server_that_was_away_has_its_databases_still(
    postgresql_server, postgresql_url
):
    database = name(postgresql_url)
    postgresql_server.sql(database, "CREATE TABLE nuts (kind TEXT)")
    postgresql_server.stop()
    with pytest.raises(RuntimeError, match="refused"):
        postgresql_server.sql(database, "SELECT kind FROM nuts")
    postgresql_server.start()
    assert postgresql_server.sql(database, "SELECT kind FROM nuts") == ""


def test_what_it_leaves_is_nothing():
    with PostgresqlServer() as server:
        folder = server._folder
        assert server.sql("postgres", "SELECT 1") == "1\n"
        pid = server._process.pid
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
