using System.Diagnostics;
using System.Reflection;
using Xunit.Sdk;

namespace KubeLab.Tests;

/// <summary>What tests use and not every computer has. A test whose needs are not met is skipped and says which; tests/Lab/programs.sh installs them.</summary>
internal static class Needs
{
    /// <summary>A root who may mount and number processes out of sight of the rest of the computer.</summary>
    public const string Namespaces = "root with namespaces of its own (unshare)";

    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin"];

    private static readonly Lazy<bool> MayUnshare = new(() =>
    {
        if (!OperatingSystem.IsLinux() || !Has("unshare"))
            return false;
        using var process = Process.Start(new ProcessStartInfo("unshare", ["--mount", "--pid", "--fork", "--mount-proc", "mount", "-t", "tmpfs", "tmpfs", "/run"]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    });

    /// <summary>Says what is missing, or null.</summary>
    /// <param name="needs">Programs, and <see cref="Namespaces"/>.</param>
    public static string? Missing(params IEnumerable<string> needs) =>
        needs.Where(need => !Has(need)).ToList() is { Count: > 0 } missing ? $"This computer does not have: {string.Join(", ", missing)}." : null;

    private static bool Has(string need) => need == Namespaces ? MayUnshare.Value : Folders.Any(folder => File.Exists(Path.Combine(folder, need)));
}

/// <summary>A fact that needs programs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithAttribute : FactAttribute
{
    /// <summary>Skips the test where one is missing.</summary>
    public FactWithAttribute(params string[] programs) => Skip = Needs.Missing(Programs = programs)!;

    /// <summary>The programs.</summary>
    public string[] Programs { get; }
}

/// <summary>A theory that needs programs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TheoryWithAttribute : TheoryAttribute
{
    /// <summary>Skips the test where one is missing.</summary>
    public TheoryWithAttribute(params string[] programs) => Skip = Needs.Missing(Programs = programs)!;

    /// <summary>The programs.</summary>
    public string[] Programs { get; }
}

/// <summary>The arguments of a theory that are about a program, which is the first of them: a path.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ProgramDataAttribute : DataAttribute
{
    /// <summary>Skips the row where the program is missing.</summary>
    public ProgramDataAttribute(string program, params object[] more)
    {
        (Program, More) = (program, more);
        Skip = Needs.Missing(Path.GetFileName(program))!;
    }

    /// <summary>The first argument.</summary>
    public string Program { get; }

    /// <summary>The others.</summary>
    public object[] More { get; }

    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[Program, .. More]];
}
