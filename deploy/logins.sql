-- A login for each process, as a member of its group; the groups are made by `migrate`. Running it again sets
-- the passwords anew.
\set ON_ERROR_STOP on
\set worker_password `cat /run/secrets/worker_database_password`
\set executor_password `cat /run/secrets/executor_database_password`
\set gateway_password `cat /run/secrets/gateway_database_password`

select format('create role %I login in role %I', name || '_login', name)
  from unnest(array['assent_worker', 'assent_executor', 'assent_gateway']) as name
 where not exists (select from pg_roles where rolname = name || '_login') \gexec

alter role assent_worker_login password :'worker_password';
alter role assent_executor_login password :'executor_password';
alter role assent_gateway_login password :'gateway_password';
