import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import marketplace.common.encrypted


class Migration(migrations.Migration):

    dependencies = [
        ("settlement", "0003_withholding_rates"),
    ]

    operations = [
        migrations.AlterField(
            model_name="sellertaxstatus",
            name="identity_number",
            field=marketplace.common.encrypted.EncryptedTextField(
                validators=[django.core.validators.RegexValidator("^[0-9]{12}$", "Enter the 12 digits.")],
                verbose_name="identity number (12 digits)",
            ),
        ),
        migrations.RemoveField(model_name="withholding", name="identity_number"),
        # Nothing was withheld before: there is no row to give a seller to.
        migrations.AddField(
            model_name="withholding",
            name="seller",
            field=models.ForeignKey(
                default=None,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="settlement.sellertaxstatus",
                verbose_name="seller",
            ),
            preserve_default=False,
        ),
    ]
