import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('domains', '0011_handle_before_a_cession'),
    ]

    operations = [
        # The column stays, for the version that still runs reads it; a domain is in debt by its invoices now.
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name='domain', name='in_debt')],
        ),
        migrations.AddField(
            model_name='invoice',
            name='due_on',
            field=models.DateField(blank=True, null=True, verbose_name='to be paid by'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='settled_on',
            field=models.DateField(blank=True, editable=False, null=True, verbose_name='paid in full'),
        ),
        migrations.AddField(
            model_name='invoiceline',
            name='domain',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invoice_lines', to='domains.domain', verbose_name='domain'),
        ),
        migrations.CreateModel(
            name='InvoicePayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('key', models.CharField(editable=False, max_length=80, unique=True)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='amount')),
                ('paid_on', models.DateField(verbose_name='paid')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded')),
                ('cancelled', models.CharField(blank=True, choices=[('', 'it counts'), ('returned', 'the bank took the money back'), ('mistake', 'it was recorded by mistake')], default='', max_length=12, verbose_name='cancelled')),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='domains.invoice', verbose_name='invoice')),
            ],
            options={
                'verbose_name': 'payment of an invoice',
                'verbose_name_plural': 'payments of invoices',
                'ordering': ['paid_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='InvoiceEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('kind', models.CharField(choices=[('payment_recorded', 'recorded a payment'), ('payment_cancelled', 'cancelled a payment')], max_length=20, verbose_name='what')),
                ('actor_kind', models.CharField(max_length=12, verbose_name='who')),
                ('actor_id', models.CharField(blank=True, max_length=64)),
                ('channel', models.CharField(blank=True, max_length=12, verbose_name='channel')),
                ('proof', models.CharField(blank=True, max_length=40, verbose_name='proof')),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='domains.invoice', verbose_name='invoice')),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='domains.invoicepayment', verbose_name='payment')),
            ],
            options={
                'verbose_name': 'event of an invoice',
                'verbose_name_plural': 'events of invoices',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='invoicepayment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payment_of_more_than_nothing'),
        ),
    ]
