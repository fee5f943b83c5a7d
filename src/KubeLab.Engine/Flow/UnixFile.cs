using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace KubeLab.Engine.Flow;

/// <summary>File attributes that .NET does not provide: owner, number of hard links, and whether it is a regular file.</summary>
internal sealed record UnixFile(uint Links, uint User, uint Group, bool IsRegular)
{
    private const int HereFolder = -100;

    /// <summary>Reads the attributes; null if the system is not Linux or the file does not exist.</summary>
    public static UnixFile? Of(string path)
    {
        // statx(2) has the same structure on all architectures.
        var found = new byte[256];
        try
        {
            return OperatingSystem.IsLinux() && Stat(HereFolder, path, 0, 0x7ff, found) == 0
                ? new(At(found, 16), At(found, 20), At(found, 24), (At(found, 28) & 0xF000) == 0x8000) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Gives a file the same owner. Returns false if this is not permitted.</summary>
    public bool TryOwn(string path) => Of(path) is { } now && (now.User, now.Group) == (User, Group) || ChangeOwner(path, User, Group) == 0;

    private static uint At(byte[] found, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(found.AsSpan(offset));

    [DllImport("libc", EntryPoint = "statx", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] found);

    [DllImport("libc", EntryPoint = "chown", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ChangeOwner([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint user, uint group);
}
