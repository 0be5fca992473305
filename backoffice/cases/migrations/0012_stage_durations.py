from django.db import migrations, models


class Migration(migrations.Migration):
    """How long the stages of the processes usually take."""

    dependencies = [
        ('cases', '0011_incident_came_of_it'),
    ]

    operations = [
        migrations.CreateModel(
            name='StageDuration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('process', models.CharField(max_length=40)),
                ('stage', models.CharField(max_length=40)),
                ('median', models.DurationField()),
                ('cases', models.PositiveIntegerField()),
                ('measured_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('process', 'stage'), name='one_duration_a_stage')],
            },
        ),
    ]
