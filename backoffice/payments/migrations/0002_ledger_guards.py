"""Rules of the ledger that hold whatever the route. What is refused is told with the code of a violated constraint.

- Postings and entries are only added; accounts keep whose they are.
- An entry is in the currency of its account and of its posting, and changes the balance of its account.
- When the transaction commits, a posting has all of its entries, and they come to nought.
"""

from django.db import migrations

APPEND_ONLY = """
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE ON payments_posting
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER posting_no_truncate BEFORE TRUNCATE ON payments_posting
    FOR EACH STATEMENT EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON payments_entry
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON payments_entry
    FOR EACH STATEMENT EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER account_no_delete BEFORE DELETE ON payments_account
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER account_no_truncate BEFORE TRUNCATE ON payments_account
    FOR EACH STATEMENT EXECUTE FUNCTION cases_refuse_change();
"""
NOT_APPEND_ONLY = """
DROP TRIGGER posting_append_only ON payments_posting;
DROP TRIGGER posting_no_truncate ON payments_posting;
DROP TRIGGER entry_append_only ON payments_entry;
DROP TRIGGER entry_no_truncate ON payments_entry;
DROP TRIGGER account_no_delete ON payments_account;
DROP TRIGGER account_no_truncate ON payments_account;
"""
ONE_CURRENCY = """
ALTER TABLE payments_entry
    ADD CONSTRAINT entry_in_the_currency_of_its_account
        FOREIGN KEY (account_id, currency) REFERENCES payments_account (id, currency),
    ADD CONSTRAINT entry_in_the_currency_of_its_posting
        FOREIGN KEY (posting_id, currency) REFERENCES payments_posting (id, currency);
"""
ANY_CURRENCY = """
ALTER TABLE payments_entry
    DROP CONSTRAINT entry_in_the_currency_of_its_account,
    DROP CONSTRAINT entry_in_the_currency_of_its_posting;
"""
BALANCES = """
CREATE FUNCTION payments_take_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE payments_account SET balance = balance + NEW.minor WHERE id = NEW.account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_changes_balance AFTER INSERT ON payments_entry
    FOR EACH ROW EXECUTE FUNCTION payments_take_entry();

CREATE FUNCTION payments_guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.balance <> 0 THEN
            RAISE EXCEPTION 'an account is opened with a balance of nought'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF (NEW.id, NEW.kind, NEW.currency, NEW.opened_at) IS DISTINCT FROM
            (OLD.id, OLD.kind, OLD.currency, OLD.opened_at) OR NEW.owner_id IS DISTINCT FROM OLD.owner_id THEN
        RAISE EXCEPTION 'an account keeps its kind, its owner and its currency'
            USING ERRCODE = 'integrity_constraint_violation';
    ELSIF NEW.balance <> OLD.balance AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'a balance is the sum of the entries: only an entry changes it'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_guard BEFORE INSERT OR UPDATE ON payments_account
    FOR EACH ROW EXECUTE FUNCTION payments_guard_account();
"""
NO_BALANCES = """
DROP TRIGGER entry_changes_balance ON payments_entry; DROP FUNCTION payments_take_entry();
DROP TRIGGER account_guard ON payments_account; DROP FUNCTION payments_guard_account();
"""
NOUGHT = """
CREATE FUNCTION payments_check_posting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked uuid;
    said payments_posting%ROWTYPE;
    entries bigint; total numeric; debits numeric;
BEGIN
    IF TG_TABLE_NAME = 'payments_entry' THEN checked := NEW.posting_id; ELSE checked := NEW.id; END IF;
    SELECT * INTO said FROM payments_posting WHERE id = checked;
    SELECT count(*), coalesce(sum(minor), 0), coalesce(sum(minor) FILTER (WHERE minor > 0), 0)
        INTO entries, total, debits FROM payments_entry WHERE posting_id = checked;
    IF entries <> said.lines THEN
        RAISE EXCEPTION 'posting % has % entries, not %', checked, entries, said.lines
            USING ERRCODE = 'integrity_constraint_violation';
    ELSIF total <> 0 OR debits <> said.amount THEN
        RAISE EXCEPTION 'posting % comes to %, and its debits to %, not to 0 and %', checked, total, debits, said.amount
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER posting_comes_to_nought AFTER INSERT ON payments_posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_check_posting();
CREATE CONSTRAINT TRIGGER entry_of_a_whole_posting AFTER INSERT ON payments_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_check_posting();
"""
NOT_NOUGHT = """
DROP TRIGGER posting_comes_to_nought ON payments_posting;
DROP TRIGGER entry_of_a_whole_posting ON payments_entry;
DROP FUNCTION payments_check_posting();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_ledger"), ("cases", "0004_guards")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RunSQL(ONE_CURRENCY, ANY_CURRENCY),
        migrations.RunSQL(BALANCES, NO_BALANCES),
        migrations.RunSQL(NOUGHT, NOT_NOUGHT),
    ]
