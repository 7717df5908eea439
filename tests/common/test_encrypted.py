import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models

from marketplace.common.encrypted import EncryptedTextError, EncryptedTextField, decrypted, encrypted, rotated

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


class Secret(models.Model):
    text = EncryptedTextField(blank=True)

    class Meta:
        app_label = "common"
        managed = False
        db_table = "test_secret"

    def __str__(self) -> str:
        return str(self.pk)


@pytest.fixture
def table(db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE test_secret (id integer PRIMARY KEY, text text NOT NULL)")


@pytest.mark.usefixtures("table")
class TestField:
    def test_the_column_holds_no_clear_text_and_the_object_does(self):
        Secret.objects.create(id=1, text="113366668888")
        with connection.cursor() as cursor:
            cursor.execute("SELECT text FROM test_secret")
            stored = cursor.fetchone()[0]
        assert "113366668888" not in stored
        assert Secret.objects.get(id=1).text == "113366668888"

    def test_the_same_text_is_stored_differently_each_time(self):
        assert encrypted("1133") != encrypted("1133")

    def test_nothing_stays_nothing(self):
        Secret.objects.create(id=2, text="")
        assert Secret.objects.get(id=2).text == ""

    def test_looking_up_by_the_text_is_refused_rather_than_finding_nothing(self):
        with pytest.raises(FieldError):
            Secret.objects.filter(text="1133").exists()

    def test_an_update_is_encrypted_too(self):
        Secret.objects.create(id=3, text="old")
        Secret.objects.filter(id=3).update(text="new")
        assert Secret.objects.get(id=3).text == "new"


class TestKeys:
    def test_a_new_key_in_front_still_reads_what_the_old_one_wrote(self, settings):
        settings.FIELD_KEYS = [OLD]
        token = encrypted("Tài khoản")
        settings.FIELD_KEYS = [NEW, OLD]
        assert decrypted(token) == "Tài khoản"
        moved = rotated(token)
        settings.FIELD_KEYS = [NEW]
        assert decrypted(moved) == "Tài khoản"

    def test_without_its_key_a_value_is_an_error_and_not_rubbish(self, settings):
        settings.FIELD_KEYS = [OLD]
        token = encrypted("1133")
        settings.FIELD_KEYS = [NEW]
        with pytest.raises(EncryptedTextError):
            decrypted(token)

    def test_a_changed_value_is_an_error(self):
        token = encrypted("1133")
        with pytest.raises(EncryptedTextError):
            decrypted(token[:-4] + "AAAA")

    @pytest.mark.parametrize("keys", [[], ["short"]])
    def test_no_key_or_a_bad_one_is_named_as_a_fault_of_the_settings(self, settings, keys):
        settings.FIELD_KEYS = keys
        with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
            encrypted("1133")
