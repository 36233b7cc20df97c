-- Lets a role read an index, and another one write it: who made the index, or a superuser, types
--
--   psql -v schema=qsearch -v reader=ann -v writer=bob -f grants.sql 'postgres://…'
--
-- Leave `reader` or `writer` out to grant nothing to one. With `-v roots='{notes,wiki}'` they see and change only these
-- roots: neither the others' passages nor what is counted of them. Roots that nobody was given are then seen by nobody
-- but the owner.

\set ON_ERROR_STOP on
select :{?reader} as has_reader, :{?writer} as has_writer, :{?roots} as has_roots \gset

begin;
\if :has_reader
grant usage on schema :"schema" to :"reader";
grant select on all tables in schema :"schema" to :"reader";
\endif
\if :has_writer
grant usage on schema :"schema" to :"writer";
grant select, insert, update, delete on all tables in schema :"schema" to :"writer";
grant usage on all sequences in schema :"schema" to :"writer";
\endif
\if :has_roots
\if :has_reader
select format('create policy %I on %I.%I for select to %I using (root = any (%L::text[]))',
    'reads ' || :'reader', :'schema', t, :'reader', :'roots')
from unnest(array['roots', 'files', 'passages', 'vectors', 'postings', 'batches']) t
union all
select format('alter table %I.%I enable row level security', :'schema', t)
from unnest(array['roots', 'files', 'passages', 'vectors', 'postings', 'batches']) t \gexec
\endif
\if :has_writer
select format('create policy %I on %I.%I for all to %I using (root = any (%L::text[]))',
    'writes ' || :'writer', :'schema', t, :'writer', :'roots')
from unnest(array['roots', 'files', 'passages', 'vectors', 'postings', 'batches']) t
union all
select format('alter table %I.%I enable row level security', :'schema', t)
from unnest(array['roots', 'files', 'passages', 'vectors', 'postings', 'batches']) t \gexec
\endif
\endif
commit;
