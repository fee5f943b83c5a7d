using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Tests.OpenStack.Client;

/// <summary>A home folder and a current folder for clouds.yaml, and an environment.</summary>
internal sealed class CloudHome : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("klt-");

    public CloudHome()
    {
        Here = _root.CreateSubdirectory("here").FullName;
        Variables["HOME"] = _root.FullName;
    }

    public string Here { get; }

    public string Root => _root.FullName;

    public Dictionary<string, string> Variables { get; } = [];

    public CloudFiles Files => new(Here, Variables.GetValueOrDefault);

    /// <summary>Writes a file to ~/.config/openstack, or to the current folder.</summary>
    public string Write(string name, string text, bool here = false)
    {
        var path = Path.Combine(here ? Here : Directory.CreateDirectory(Path.Combine(_root.FullName, ".config", "openstack")).FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Writes a file anywhere below the home folder. The current folder is the subfolder "here".</summary>
    public void WriteAt(string path, string text)
    {
        var file = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    /// <summary>Writes a clouds.yaml with one cloud.</summary>
    public CloudHome With(string cloud, string name = "lab")
    {
        Write("clouds.yaml", $"clouds:\n  {name}:\n" + string.Concat(cloud.Split('\n').Select(line => $"    {line}\n")));
        return this;
    }

    public CloudConfig Load(string? name = null) => Files.Load(name);

    public void Dispose() => _root.Delete(recursive: true);
}
