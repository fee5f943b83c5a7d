using System.Management.Automation;
using System.Numerics;
using System.Reflection;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Tests.Pipeline;

/// <summary>Durations as values of parameters.</summary>
public sealed class DurationTests
{
    [Fact]
    public void Every_parameter_that_is_a_duration_accepts_90s_and_5m()
    {
        var durations = typeof(KlCmdlet).Assembly.GetTypes().SelectMany(type => type.GetProperties())
            .Where(property => property.IsDefined(typeof(ParameterAttribute))
                && (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(TimeSpan)).ToList();
        Assert.NotEmpty(durations);
        Assert.All(durations, property => Assert.True(property.IsDefined(typeof(SecondsAttribute)), $"{property.ReflectedType!.Name}.{property.Name}"));
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("1m30s", 90)]
    [InlineData("1h30m", 5400)]
    [InlineData("500ms", 0.5)]
    [InlineData("1.5h", 5400)]
    [InlineData("-5m", -300)]
    [InlineData("7", 7)]
    [InlineData("00:05:00", 300)]
    [InlineData(7, 7)]
    [InlineData(0.5, 0.5)]
    [InlineData((byte)7, 7)]
    [InlineData(7u, 7)]
    [InlineData(7f, 7)]
    public void Durations_are_read_as_Kubernetes_writes_them(object value, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new SecondsAttribute().Transform(null!, value));

    [Fact]
    public void A_number_of_any_type_is_in_seconds()
    {
        Assert.Equal(TimeSpan.FromSeconds(90), Shell.Run("(90s).GetType().Name; 90s").Output is ["Int16", short number]
            ? new SecondsAttribute().Transform(null!, number) : null);
        Assert.Equal(TimeSpan.FromSeconds(7), new SecondsAttribute().Transform(null!, new BigInteger(7)));
        Assert.Equal(TimeSpan.FromSeconds(7), new SecondsAttribute().Transform(null!, PSObject.AsPSObject(7)));
    }

    [Theory]
    [InlineData("soon", "'soon'", "")]
    [InlineData("1d", "'1d'", " Specify days in hours, such as 24h.")]
    [InlineData("1e300", "'1E+300'", "")]
    public void Other_values_are_refused(string value, string shown, string advice) => Assert.EndsWith(
        $"{shown} is not a valid duration. Specify seconds, or a duration such as 90s, 5m, 1h30m, 500ms or 00:05:00.{advice}",
        Assert.Single(Shell.Run($"Wait-KlVm x -Timeout {value}").Errors).Exception.Message, StringComparison.Ordinal);
}
