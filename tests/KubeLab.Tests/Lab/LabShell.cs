using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>Runs scripts on real clusters.</summary>
internal static class LabShell
{
    /// <summary>Runs a script and asserts that there are no errors.</summary>
    public static ShellResult Invoke(string script, params (string Name, object? Value)[] variables)
    {
        var result = Shell.Run(script, variables: variables.ToDictionary(one => one.Name, one => one.Value));
        result.Good<object>();
        return result;
    }

    /// <summary>Returns the ErrorId of a script with one error and no output.</summary>
    public static string Refused(string script, string message)
    {
        var result = Shell.Run(script);
        var error = Assert.Single(result.Errors);
        Assert.Empty(result.Output);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.NotEqual("", error.ErrorDetails.RecommendedAction);
        return error.FullyQualifiedErrorId.Split(',')[0];
    }
}
