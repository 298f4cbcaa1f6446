-- The initial accounts of every installation.
USE dbacl_iris;
INSERT IGNORE INTO users (name) VALUES ('iris'), ('superuser');
INSERT IGNORE INTO memberships (name, grp) VALUES ('iris', 'iris-superusers'), ('superuser', 'iris-superusers');
INSERT IGNORE INTO table_acls (namespace, tbl, grp, filter) VALUES ('LearnDeephaven', '*', 'allusers', NULL);
