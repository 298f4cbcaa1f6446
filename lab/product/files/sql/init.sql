-- The ACL database: accounts, groups and their read permissions.
CREATE DATABASE IF NOT EXISTS dbacl_iris;
USE dbacl_iris;
CREATE TABLE IF NOT EXISTS users (name VARCHAR(64) PRIMARY KEY, enabled BOOLEAN NOT NULL DEFAULT TRUE);
CREATE TABLE IF NOT EXISTS memberships (name VARCHAR(64), grp VARCHAR(64), PRIMARY KEY (name, grp));
CREATE TABLE IF NOT EXISTS table_acls (namespace VARCHAR(64), tbl VARCHAR(64), grp VARCHAR(64), filter TEXT, PRIMARY KEY (namespace, tbl, grp));
