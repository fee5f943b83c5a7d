namespace KubeLab.Tests.Images;

internal static class SpoolFiles
{
    /// <summary>Those of Spool that have a name. What else is called kubelab-… is of tests that run beside this one.</summary>
    public static string[] Named => Directory.GetFiles(Path.GetTempPath(), "kubelab-????????.???");
}
