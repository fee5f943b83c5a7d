using KubeLab.Engine.Databases;

namespace KubeLab.Tests.Databases;

/// <summary>The defaults and limits of databases.</summary>
public sealed class DatabasePlanTests
{
    [Theory]
    [InlineData(DatabaseEngine.MariaDB, null, DatabaseMode.Single, 1)]
    [InlineData(DatabaseEngine.MariaDB, 3, DatabaseMode.Asynchronous, 3)]
    [InlineData(DatabaseEngine.PostgreSQL, null, DatabaseMode.Single, 1)]
    [InlineData(DatabaseEngine.PostgreSQL, 2, DatabaseMode.Asynchronous, 2)]
    [InlineData(DatabaseEngine.Etcd, null, DatabaseMode.Quorum, 3)]
    [InlineData(DatabaseEngine.Etcd, 5, DatabaseMode.Quorum, 5)]
    [InlineData(DatabaseEngine.Etcd, 1, DatabaseMode.Quorum, 1)]
    public void The_engine_and_the_number_of_members_determine_the_mode(DatabaseEngine engine, int? replicas, DatabaseMode mode, int members)
    {
        var plan = DatabasePlan.Of(new() { Engine = engine, Replicas = replicas }, "default");
        Assert.Equal((mode, members, engine.ToString().ToLowerInvariant()), (plan.Mode, plan.Members, plan.Name));
    }

    [Theory]
    [InlineData(DatabaseEngine.Etcd, 2, null, null, ErrorIds.DatabaseSizeInvalid)]
    [InlineData(DatabaseEngine.Etcd, 4, null, null, ErrorIds.DatabaseSizeInvalid)]
    [InlineData(DatabaseEngine.MariaDB, 0, null, null, ErrorIds.DatabaseSizeInvalid)]
    [InlineData(DatabaseEngine.MariaDB, 3, DatabaseMode.Single, null, ErrorIds.DatabaseSizeInvalid)]
    [InlineData(DatabaseEngine.MariaDB, 1, DatabaseMode.SemiSynchronous, null, ErrorIds.DatabaseSizeInvalid)]
    [InlineData(DatabaseEngine.MariaDB, 6, null, null, ErrorIds.DatabaseSizeInvalid)]
    [InlineData(DatabaseEngine.PostgreSQL, 1, DatabaseMode.Synchronous, null, ErrorIds.DatabaseSizeInvalid)]
    [InlineData(DatabaseEngine.PostgreSQL, 6, DatabaseMode.Synchronous, null, ErrorIds.DatabaseSizeInvalid)]
    [InlineData(DatabaseEngine.PostgreSQL, 3, DatabaseMode.SemiSynchronous, null, ErrorIds.DatabaseModeInvalid)]
    [InlineData(DatabaseEngine.MariaDB, 3, DatabaseMode.Synchronous, null, ErrorIds.DatabaseModeInvalid)]
    [InlineData(DatabaseEngine.Etcd, 3, DatabaseMode.Asynchronous, null, ErrorIds.DatabaseModeInvalid)]
    [InlineData(DatabaseEngine.MariaDB, 3, null, "Upper", ErrorIds.DatabaseNameInvalid)]
    [InlineData(DatabaseEngine.MariaDB, 3, null, "a-name-that-is-longer-than-forty-characters", ErrorIds.DatabaseNameInvalid)]
    public void What_is_not_possible_is_rejected(DatabaseEngine engine, int? replicas, DatabaseMode? mode, string? name, string id) => Assert.Equal(id,
        Assert.Throws<KlException>(() => DatabasePlan.Of(new() { Engine = engine, Replicas = replicas, Mode = mode, Name = name }, "default")).ErrorId);
}
