namespace KubeLab.Tests.Images;

internal static class SpoolFiles
{
    /// <summary>The named files of Spool. Other files named kubelab-… belong to concurrent tests.</summary>
    public static string[] Named => Directory.GetFiles(Path.GetTempPath(), "kubelab-????????.???");
}
