using System.Diagnostics;
using System.Reflection;
using Xunit.Sdk;

namespace KubeLab.Tests;

/// <summary>Programs and privileges that some tests need. Without them a test is skipped. tests/Lab/programs.sh installs the programs.</summary>
internal static class Needs
{
    /// <summary>Root privileges that include creating mount and PID namespaces.</summary>
    public const string Namespaces = "root with permission to create namespaces (unshare)";

    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin"];

    private static readonly Lazy<bool> CanUnshare = new(() =>
    {
        if (!OperatingSystem.IsLinux() || !Has("unshare"))
            return false;
        string[] arguments = ["--mount", "--pid", "--fork", "--mount-proc", "mount", "-t", "tmpfs", "tmpfs", "/run"];
        using var process = Process.Start(new ProcessStartInfo("unshare", arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    });

    /// <summary>A message that lists the missing needs, or null.</summary>
    /// <param name="needs">Programs, and <see cref="Namespaces"/>.</param>
    public static string? Missing(params IEnumerable<string> needs) =>
        needs.Where(need => !Has(need)).ToList() is { Count: > 0 } missing ? $"This computer does not have: {string.Join(", ", missing)}." : null;

    private static bool Has(string need) => need == Namespaces ? CanUnshare.Value : Folders.Any(folder => File.Exists(Path.Combine(folder, need)));
}

/// <summary>A fact that requires programs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithAttribute : FactAttribute
{
    /// <summary>Skips the test if a program is missing.</summary>
    public FactWithAttribute(params string[] programs) => Skip = Needs.Missing(Programs = programs)!;

    /// <summary>The required programs.</summary>
    public string[] Programs { get; }
}

/// <summary>A theory that requires programs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TheoryWithAttribute : TheoryAttribute
{
    /// <summary>Skips the test if a program is missing.</summary>
    public TheoryWithAttribute(params string[] programs) => Skip = Needs.Missing(Programs = programs)!;

    /// <summary>The required programs.</summary>
    public string[] Programs { get; }
}

/// <summary>A row of a theory's data. The first argument is the path of a program that it requires.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ProgramDataAttribute : DataAttribute
{
    /// <summary>Skips the row if the program is missing.</summary>
    public ProgramDataAttribute(string program, params object[] more)
    {
        (Program, More) = (program, more);
        Skip = Needs.Missing(Path.GetFileName(program))!;
    }

    /// <summary>The path of the program.</summary>
    public string Program { get; }

    /// <summary>The other arguments.</summary>
    public object[] More { get; }

    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[Program, .. More]];
}
